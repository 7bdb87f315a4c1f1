import type { INestApplicationContext } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheEvents, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { type HoldingProxy, startHoldingProxy } from '../../support/holding-proxy.js';
import { callsOf } from '../../support/server-statistics.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { untilCoherent, untilCopied, untilTold } from '../../support/until-coherent.js';

describe('copies in memory, on a server of their own', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let proxy: HoldingProxy;
  let redis: Redis;
  let app: INestApplicationContext;
  let cache: CacheService;
  let keyPrefix: string;
  const told: string[] = [];

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    proxy = await startHoldingProxy(server.port);
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await proxy.stop();
    await server.stop();
  });

  beforeEach(async () => {
    keyPrefix = uniquePrefix();
    const connection = { host: '127.0.0.1', port: proxy.port };
    app = await startApp({ connection, keyPrefix, cache: { l1: true, namespaces: { other: {} } } });
    cache = app.get(CacheService);
    const events = app.get(RedisCacheEvents);
    told.length = 0;
    events.on('connection:tracking-voided', ({ reason }) => told.push(reason));
    await untilCoherent(cache);
    await untilTold(cache, () => cache.set('key', 'old'));
    await untilCopied(cache, 'key');
  });
  afterEach(() => app.close());

  const entryOf = (key: string): string => `${keyPrefix}:cache:default:${key}`;

  it('cost no command', async () => {
    const before = await callsOf(server.url, 'get');
    for (let time = 0; time < 1_000; time += 1) await cache.getOrSet('key', () => 'new');
    expect(await callsOf(server.url, 'get')).toBe(before);
    await cache.get('key', { l1: false });
    expect(await callsOf(server.url, 'get')).toBe(before + 1);
  });

  it('go when the server is flushed, or a stranger removes, expires or overwrites an entry', async () => {
    const changes = [
      () => redis.flushall(),
      () => redis.unlink(entryOf('key')),
      () => redis.pexpire(entryOf('key'), 1),
      () => redis.set(entryOf('key'), 'damaged'),
    ];
    for (const change of changes) {
      await untilTold(cache, () => cache.set('key', 'old'));
      await untilCopied(cache, 'key');
      await change();
      await eventually(async () => expect(await cache.get('key')).toBeUndefined());
    }
  });

  it('are void when the connection is lost, and are kept again when it is back', async () => {
    proxy.resetSubscriptions();
    await eventually(() => expect(told).toEqual(['connection-lost']));
    expect(cache.l1).toMatchObject({ entries: 0, coherentSince: undefined });
    expect(await cache.get('key')).toBe('old');
    await untilCoherent(cache);
    await untilCopied(cache, 'key');
  });

  it('answer no longer when the connection is dead, which is then replaced', async () => {
    proxy.silenceSubscriptions();
    await redis.unlink(entryOf('key'));
    expect(await cache.get('key')).toBe('old');
    await eventually(async () => expect(await cache.get('key')).toBeUndefined());
    await eventually(() => expect(told).toEqual(['connection-lost']), { withinMs: 10_000 });
    await untilCoherent(cache);
  });

  it('are void when the connection for commands is lost: it may come back to another server', async () => {
    const { client } = app.get(RedisConnection);
    await redis.client('KILL', 'ID', Number(await (client as Redis).client('ID')));
    await eventually(() => expect(told).toEqual(['commands-elsewhere']));
    await untilCoherent(cache);
  });

  it('begin with all namespaces that modules declare', async () => {
    const late = await startApp({
      connection: { url: server.url },
      keyPrefix,
      cache: { l1: true },
      imports: [RedisCacheModule.forFeature([{ namespace: 'declared' }])],
    });
    const reasons: string[] = [];
    const prefixes: number[] = [];
    const events = late.get(RedisCacheEvents);
    events.on('connection:tracking-voided', ({ reason }) => reasons.push(reason));
    events.on('connection:tracking-armed', (event) => prefixes.push(event.prefixes.length));
    await untilCoherent(late.get(CacheService));
    expect(reasons).toEqual([]);
    await late.close();
    expect(prefixes.every((count) => count === 2)).toBe(true);
  });

  it('begin anew when a namespace is added after that, with one event', async () => {
    app.get(RedisConnection).tracking.expect('late:');
    expect(told).toEqual(['namespace-added']);
    expect(cache.l1!.entries).toBe(0);
    await untilCoherent(cache);
    await untilCopied(cache, 'key');
    expect(told).toEqual(['namespace-added']);
  });

  it('are bounded by their number and by the memory they take', async () => {
    const few = await startApp({
      connection: { url: server.url },
      cache: { l1: { maxEntries: 100 }, namespaces: { small: { l1: { maxBytes: 1_000_000 } } } },
    });
    const [many, small] = [few.get(CacheService), few.get(CacheService).namespace('small')];
    await untilCoherent(many);
    await many.setMany(Array.from({ length: 300 }, (_, at) => [`key ${at}`, at]));
    await small.setMany(Array.from({ length: 300 }, (_, at) => [`key ${at}`, { text: `${at}`.repeat(10_000) }]));
    for (const each of [many, small]) {
      await eventually(async () => {
        await each.getMany(Array.from({ length: 300 }, (_, at) => `key ${at}`));
        expect(each.l1!.entries).toBeGreaterThan(20);
      });
    }
    expect(many.l1!.entries).toBe(100);
    expect(small.l1!.entries).toBeLessThan(100);
    expect(small.l1!.bytes).toBeLessThanOrEqual(1_000_000);
    await few.close();
  });

  it('stay off, with one warning, for a user who may not ask for changes', async () => {
    await redis.acl('SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking');
    const logger = new CollectingLogger();
    const plain = await startApp({
      connection: { host: '127.0.0.1', port: server.port, username: 'plain', password: 'secret' },
      cache: { l1: true },
      logger,
    });
    const limited = plain.get(CacheService);
    await limited.set('key', { name: 'Tea' });
    for (let time = 0; time < 3; time += 1) expect(await limited.get('key')).toEqual({ name: 'Tea' });
    expect(limited.l1).toMatchObject({ entries: 0, hits: 0, coherentSince: undefined });
    expect(logger.containing('(l1)')).toHaveLength(1);
    await plain.close();
  });

  it('are warned of when more changes are heard of than reads saved', async () => {
    const heavy = jest.fn();
    app.get(RedisCacheEvents).on('cache:l1-outweighed', heavy);
    const writing = redis.pipeline();
    for (let at = 0; at < 1_200; at += 1) writing.set(entryOf(`of a stranger ${at}`), 'x');
    await writing.exec();
    await eventually(() => expect(heavy).toHaveBeenCalledTimes(1));
    expect(heavy).toHaveBeenCalledWith(expect.objectContaining({ namespace: 'default', invalidations: 1_000 }));
  });
});
