import type { INestApplicationContext } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { CacheService, type RedisCacheEventMap, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startHoldingProxy } from '../../support/holding-proxy.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { untilCoherent, untilCopied, untilTold } from '../../support/until-coherent.js';
import { FAULTS, FaultyServer } from '../outage/faults.js';

const COMMAND_TIMEOUT = '200ms';
const PATIENT = { withinMs: 15_000 };

/** Leaves a copy that stays. */
async function copy(cache: CacheService, key: string, { tags = ['tag'], ttl = 60_000 } = {}): Promise<void> {
  await untilTold(cache, () => cache.set(key, 'old', { tags, ttl }));
  await untilCopied(cache, key);
}

describe("onError: 'stale'", () => {
  let server: FaultyServer;
  let app: INestApplicationContext;
  let cache: CacheService;
  let keyPrefix: string;
  let served: RedisCacheEventMap['cache:served-stale'][];

  beforeEach(async () => {
    server = await FaultyServer.start();
    keyPrefix = uniquePrefix();
    app = await startApp({
      connection: { url: `redis://127.0.0.1:${server.proxy.port}`, commandTimeout: COMMAND_TIMEOUT },
      keyPrefix,
      cache: {
        l1: true,
        onError: 'stale',
        namespaces: { loading: { onError: 'load' }, small: { l1: { maxEntries: 5 } } },
      },
    });
    cache = app.get(CacheService);
    served = [];
    app.get(RedisCacheEvents).on('cache:served-stale', (event) => served.push(event));
    await untilCoherent(cache);
  });
  afterEach(async () => {
    await app.close();
    await server.stop();
  });

  /** From now on nobody answers, and nothing is heard. */
  async function cut(): Promise<void> {
    server.proxy.misbehave('reset');
    await eventually(() => expect(cache.l1!.coherentSince).toBeUndefined());
  }

  async function mend(): Promise<void> {
    server.proxy.misbehave('none');
    await eventually(() => expect(cache.health()).toMatchObject({ status: 'up', journal: { pending: 0 } }), PATIENT);
    await untilCoherent(cache);
  }

  const away = FAULTS.filter(({ situation }) => situation === 'away').map((fault) => [fault.name, fault] as const);

  it.each(away)('answers from the last copy while Redis is away: %s', async (_, fault) => {
    await copy(cache, 'key');
    await fault.begin(server);
    await eventually(() => expect(cache.l1!.coherentSince).toBeUndefined());
    const { hits } = cache.l1!;
    const noLoad = (): never => {
      throw new Error('loaded');
    };
    expect(await cache.get('key')).toBe('old');
    expect(await cache.getMany(['key', 'other'])).toEqual(new Map([['key', 'old']]));
    expect(await cache.getOrSet('key', noLoad)).toBe('old');
    expect(await cache.has('key')).toBe(true);
    expect(await cache.ttl('key')).toBeGreaterThan(0);
    expect(await cache.ttl('key')).toBeLessThanOrEqual(60_000);
    expect(cache.l1).toMatchObject({ stale: 6, hits, entries: 1 });
    expect(served).toHaveLength(6);
    expect(served[0]).toMatchObject({ namespace: 'default', key: 'key', ageMs: expect.any(Number) });

    expect(await cache.get('other')).toBeUndefined();
    expect(await cache.getOrSet('other', () => 'loaded')).toBe('loaded');
    await fault.end(server);
    await mend();
  });

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['by key', (key) => cache.delete(key)],
    ['by pattern', (key) => cache.invalidate(`${key}*`)],
    ['by tag', (key) => cache.invalidate({ tags: [`tag of ${key}`] })],
    ['all', () => cache.clear()],
    ['by a write that does not succeed', (key) => cache.set(key, 'new').catch(() => undefined)],
    ['by a load that is to be fresh', (key) => cache.getOrSet(key, () => 'new', { fresh: true })],
  ])('serves nothing that this process has evicted meanwhile: %s', async (way, evict) => {
    const key = `evicted ${way}`;
    await copy(cache, key, { tags: [`tag of ${key}`] });
    await cut();
    expect(await cache.get(key)).toBe('old');
    await evict(key);
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.getOrSet(key, () => 'loaded')).toBe('loaded');
    expect([await cache.has(key), await cache.ttl(key)]).toEqual([false, undefined]);
  });

  it('serves nothing that a unit of work has still to evict', async () => {
    await copy(cache, 'key');
    await cut();
    await cache.unitOfWork(async () => {
      await cache.invalidate({ tags: ['tag'] });
      expect(await cache.getOrSet('key', () => 'loaded')).toBe('loaded');
    });
    expect(await cache.get('key')).toBeUndefined();
  });

  it('serves nothing of which Redis had told that it has changed', async () => {
    await copy(cache, 'key');
    await copy(cache, 'kept');
    const { invalidations } = cache.l1!;
    await server.admin.unlink(`${keyPrefix}:cache:default:key`);
    await eventually(() => expect(cache.l1!.invalidations).toBe(invalidations + 1));
    await cut();
    expect([await cache.get('key'), await cache.get('kept')]).toEqual([undefined, 'old']);
  });

  it('serves nothing after a flush of which Redis had told', async () => {
    await copy(cache, 'key');
    await server.admin.flushall();
    await eventually(() => expect(cache.l1!.entries).toBe(0));
    await cut();
    expect(await cache.get('key')).toBeUndefined();
  });

  it('serves nothing that a read has found to be gone, or to be another, before Redis went away', async () => {
    await copy(cache, 'gone');
    await copy(cache, 'changed');
    // From now on nothing is told, and commands are answered.
    await server.admin.acl('SETUSER', 'default', '-client|tracking');
    await server.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => expect(cache.l1!.coherentSince).toBeUndefined());
    await server.admin.unlink(`${keyPrefix}:cache:default:gone`);
    await server.admin.set(`${keyPrefix}:cache:default:changed`, 'damaged');
    expect([await cache.get('gone'), await cache.get('changed')]).toEqual([undefined, undefined]);
    await cut();
    expect([await cache.get('gone'), await cache.get('changed')]).toEqual([undefined, undefined]);
  });

  it('asks Redis again when it is back, and forgets for good what it had set aside', async () => {
    await copy(cache, 'key');
    await copy(cache, 'not asked for meanwhile');
    await cut();
    expect(await cache.get('key')).toBe('old');
    const elsewhere = await startApp({
      connection: { url: `redis://127.0.0.1:${server.admin.options.port}` },
      keyPrefix,
    });
    await elsewhere.get(CacheService).set('key', 'new');
    expect(await cache.get('key')).toBe('old');

    await mend();
    expect(await cache.get('key')).toBe('new');
    await cut();
    expect(await cache.get('not asked for meanwhile')).toBeUndefined();
    expect(await cache.get('key')).not.toBe('old');
    await elsewhere.close();
  });

  it('serves a copy no longer than the entry lives', async () => {
    await copy(cache, 'short', { ttl: 8_000 });
    await copy(cache, 'long');
    await cut();
    expect(await cache.get('short')).toBe('old');
    await eventually(async () => expect(await cache.get('short')).toBeUndefined(), PATIENT);
    expect(await cache.get('long')).toBe('old');
  });

  it('serves no copy where none was wanted: a call without l1, a namespace that loads', async () => {
    const loading = cache.namespace('loading');
    await copy(cache, 'key');
    await copy(loading, 'key');
    await cut();
    expect(await cache.get('key', { l1: false })).toBeUndefined();
    expect(await cache.getOrSet('key', () => 'loaded', { l1: false })).toBe('loaded');
    expect(await loading.get('key')).toBeUndefined();
    expect(loading.l1).toMatchObject({ entries: 0, stale: 0 });
  });

  it('keeps no more aside than copies are allowed', async () => {
    const small = cache.namespace('small');
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await copy(small, key);
    await cut();
    const there = await small.getMany(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect([...there.keys()]).toEqual(['c', 'd', 'e', 'f', 'g']);
    expect(small.l1!.entries).toBe(5);
  });
});

it("onError: 'stale' believes what Redis tells while only commands get no answer", async () => {
  const server = await FaultyServer.start();
  const proxy = await startHoldingProxy(server.admin.options.port!);
  const keyPrefix = uniquePrefix();
  const app = await startApp({
    connection: { host: '127.0.0.1', port: proxy.port, commandTimeout: COMMAND_TIMEOUT },
    keyPrefix,
    cache: { l1: true, onError: 'stale' },
  });
  const cache = app.get(CacheService);
  await untilCoherent(cache);
  for (const key of ['told of', 'kept']) {
    await copy(cache, key);
  }
  const commands = app.get(RedisConnection).client as Redis;
  const id = await commands.client('ID');
  proxy.hold();
  await server.admin.client('KILL', 'ID', Number(id));
  await eventually(() => expect(cache.l1!.coherentSince).toBeUndefined());
  expect(await cache.get('told of')).toBe('old');
  await server.admin.unlink(`${keyPrefix}:cache:default:told of`);
  await eventually(async () => expect(await cache.get('told of')).toBeUndefined());
  expect(await cache.get('kept')).toBe('old');
  proxy.release();
  await app.close();
  await proxy.stop();
  await server.stop();
});
