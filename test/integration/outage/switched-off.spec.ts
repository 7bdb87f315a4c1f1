import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  CacheService,
  type ConnectionOptions,
  LockService,
  RedisCacheEvents,
  RedisCacheModule,
  RedisConnection,
} from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';
import { misfit, OPERATIONS } from './operations.js';

@Injectable()
class Products {
  readonly calls: string[] = [];

  @Cacheable({ key: '{0}', tags: ['all'] })
  async find(id: string): Promise<{ readonly id: string }> {
    this.calls.push(`find ${id}`);
    return { id };
  }

  @CacheEvict({ key: '{0}' }, { tags: ['all'] }, { pattern: 'list:*' })
  async update(id: string): Promise<string> {
    this.calls.push(`update ${id}`);
    return id;
  }

  @CachePut({ key: '{0}' })
  async save(id: string): Promise<string> {
    this.calls.push(`save ${id}`);
    return id;
  }
}

/** A place where something listens that is no Redis, and counts who comes. */
class Nowhere {
  connections = 0;
  private readonly server: Server = createServer((socket) => {
    this.connections += 1;
    socket.destroy();
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const CONNECTIONS: [string, (port: number) => ConnectionOptions][] = [
  ['a server', (port) => ({ host: '127.0.0.1', port, onBoot: 'fail' })],
  ['a cluster', (port) => ({ cluster: [`127.0.0.1:${port}`], onBoot: 'fail' })],
];

describe.each(CONNECTIONS)('a cache that is switched off, where %s is meant to be and is not', (_, connectionAt) => {
  const nowhere = new Nowhere();
  const logger = new CollectingLogger();
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    const connection = connectionAt(await nowhere.listen());
    app = await startApp({
      connection,
      cache: { enabled: false, l1: true, namespaces: { other: {} } },
      imports: [RedisCacheModule.forFeature([{ namespace: 'declared', l1: true }])],
      providers: [Products],
      logger,
    });
    cache = app.get(CacheService);
  });
  afterAll(async () => {
    await app.close();
    await nowhere.stop();
  });
  afterEach(() => expect(nowhere.connections).toBe(0));

  it('boots, says so once, and connects to nothing', () => {
    expect(app.get(RedisConnection).status).toBe('idle');
    expect(logger.containing('cache.enabled is false')).toHaveLength(1);
  });

  it('has every operation end as documented', async () => {
    for (const { name } of OPERATIONS) await cache.set(name, 'old', { tags: [name] });
    const settled = await Promise.allSettled(OPERATIONS.map(({ call, name }) => call(cache, name)));
    expect(
      OPERATIONS.flatMap(({ name, outcomes }, at) => {
        const problem = misfit(settled[at]!, outcomes.off);
        return problem === undefined ? [] : [`${name}: ${problem}`];
      }),
    ).toEqual([]);
    expect(await cache.clearAll()).toEqual({ removed: 0, delivered: true });
  });

  it('tells it in the health and to whoever asks about a key', async () => {
    expect(cache.health()).toEqual({
      status: 'off',
      journal: { pending: 0, coversAll: false },
      breaker: 'closed',
    });
    expect((await cache.explain('key')).why).toContain('cache.enabled: false');
    expect(cache.l1).toBeUndefined();
  });

  it('has decorated methods run each time', async () => {
    const products = app.get(Products);
    for (let time = 0; time < 2; time += 1) {
      expect(await products.find('1')).toEqual({ id: '1' });
      expect(await products.update('1')).toBe('1');
      expect(await products.save('1')).toBe('1');
    }
    expect(products.calls).toEqual(['find 1', 'update 1', 'save 1', 'find 1', 'update 1', 'save 1']);
  });

  it('shares a load with those who came before it began, and gives each a copy', async () => {
    let loads = 0;
    const load = async () => ({ number: (loads += 1) });
    const [one, other] = await Promise.all([cache.getOrSet('shared', load), cache.getOrSet('shared', load)]);
    expect(loads).toBe(1);
    expect(other).toEqual(one);
    expect(other).not.toBe(one);
    expect(await cache.getOrSet('shared', load)).toEqual({ number: 2 });
  });

  it('gives what a cache would give: of JSON, what comes back from it', async () => {
    const plain = await startApp({
      connection: { url: 'redis://127.0.0.1:1' },
      cache: { enabled: false, serializer: 'json' },
    });
    const load = (): unknown => ({ at: new Date(0) });
    expect(await plain.get(CacheService).getOrSet('key', load)).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    await plain.close();
  });

  it('refuses what a cache would refuse', async () => {
    await expect(cache.set('a\0b', 1)).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expect(cache.get('a\0b')).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expect(cache.set('key', Symbol('no') as never)).rejects.toMatchObject({ code: 'UNSUPPORTED_VALUE' });
    await expect(cache.invalidate({ tegs: [] } as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(() => cache.namespace('nobody declared it')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAMESPACE' }));
  });

  it('has an eviction in a unit of work wait like any, and then do nothing', async () => {
    const result = await cache.unitOfWork(async () => cache.invalidate({ keys: ['a', 'b'], tags: ['all'] }));
    expect(result).toEqual({ removed: 0, delivered: false, deferred: true });
  });
});

describeEachTopology('a cache that is switched off beside a Redis', ({ connection }) => {
  it('leaves locks as they are, and entries too', async () => {
    const keyPrefix = uniquePrefix();
    const lock = { afterDataLoss: 'grant' } as const; // of a server that has just begun
    const on = await startApp({ connection, keyPrefix, lock: { ...lock } });
    const off = await startApp({ connection, keyPrefix, lock: { ...lock }, cache: { enabled: false } });
    const held = await off.get(LockService).tryAcquire('resource');
    expect(held).not.toBeNull();
    expect(await on.get(LockService).tryAcquire('resource')).toBeNull();

    await on.get(CacheService).set('key', 'kept');
    expect(await off.get(CacheService).get('key')).toBeUndefined();
    expect(await off.get(CacheService).delete('key')).toBe(false);
    expect(await on.get(CacheService).get('key')).toBe('kept');
    await Promise.all([on.close(), off.close()]);
  });

  it('has nothing to repeat when a lock has the connection opened', async () => {
    const off = await startApp({ connection, cache: { enabled: false } });
    const told: object[] = [];
    off.get(RedisCacheEvents).on('cache:journal', (journal) => told.push(journal));
    await off.get(CacheService).invalidate({ keys: ['a', 'b'] });
    await off.get(LockService).tryAcquire('resource');
    expect(off.get(RedisConnection).status).toBe('ready');
    expect(told).toEqual([]);
    await off.close();
  });
});
