import type { INestApplicationContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';
import { FaultyServer } from './faults.js';

let loads = 0;
const load = async (): Promise<string> => {
  loads += 1;
  return 'loaded';
};

@Injectable()
class Products {
  @Cacheable({ key: '{0}' })
  lenient(_id: string): Promise<string> {
    return load();
  }

  @Cacheable({ namespace: 'strict', key: '{0}' })
  strict(_id: string): Promise<string> {
    return load();
  }
}

/** Every operation that reads, what it gives while Redis is away, and how often it loads. */
const READS: readonly [string, (cache: CacheService) => Promise<unknown>, unknown, number][] = [
  ['get', (cache) => cache.get('key'), undefined, 0],
  ['getMany', (cache) => cache.getMany(['key']), new Map(), 0],
  ['has', (cache) => cache.has('key'), false, 0],
  ['ttl', (cache) => cache.ttl('key'), undefined, 0],
  ['getOrSet', (cache) => cache.getOrSet('key', load), 'loaded', 1],
  ['wrap', (cache) => cache.wrap(load, { key: () => 'key' })(), 'loaded', 1],
];

describe('a read that Redis does not answer', () => {
  let server: FaultyServer;
  let app: INestApplicationContext;
  let lenient: CacheService;
  let strict: CacheService;

  beforeAll(async () => {
    server = await FaultyServer.start();
    const url = `redis://127.0.0.1:${server.proxy.port}`;
    app = await startApp({
      connection: { url, commandTimeout: '300ms' },
      cache: { namespaces: { strict: { onError: 'throw' } } },
      providers: [Products],
    });
    lenient = app.get(CacheService);
    strict = lenient.namespace('strict');
    for (const cache of [lenient, strict]) await eventually(() => cache.set('key', 'old'));
    server.proxy.misbehave('black hole');
  });
  beforeEach(() => void (loads = 0));
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  /** Before the breaker has opened, or when it has. */
  const isOfConnection = expect.objectContaining({
    code: expect.stringMatching(/^(COMMAND_TIMEOUT|REDIS_UNAVAILABLE)$/) as string,
  }) as Error;

  it.each(READS)("is as if there was nothing, with onError: 'load': %s", async (_, read, nothing, loaded) => {
    expect(await read(lenient)).toEqual(nothing);
    expect(loads).toBe(loaded);
  });

  it.each(READS)("rejects with the connection's error, with onError: 'throw': %s", async (_, read) => {
    await expect(read(strict)).rejects.toEqual(isOfConnection);
    expect(loads).toBe(0);
  });

  it('is one of a decorated method too', async () => {
    const products = app.get(Products);
    expect(await products.lenient('1')).toBe('loaded');
    await expect(products.strict('1')).rejects.toEqual(isOfConnection);
    expect(loads).toBe(1);
  });
});
