import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { callsOf } from '../../support/server-statistics.js';
import { startApp } from '../../support/test-app.js';

describe('a command', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let proxy: FaultProxy;
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    proxy = await startFaultProxy(server.port);
    app = await startApp({ connection: { host: '127.0.0.1', port: proxy.port, commandTimeout: '800ms' } });
    cache = app.get(CacheService);
  });
  beforeEach(() => eventually(async () => expect(await cache.isHealthy()).toBe(true)));
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await server.stop();
  });

  it('that only reads is sent again after its reply was lost', async () => {
    await cache.set('read', 'value');
    const before = await callsOf(server.url, 'get');
    proxy.dropReplyTo('get');
    expect(await cache.get('read')).toBe('value');
    expect((await callsOf(server.url, 'get')) - before).toBe(2);
  });

  it('that writes is not sent again, and its outcome is called unknown', async () => {
    const connection = app.get(RedisConnection);
    const before = await callsOf(server.url, 'incr');
    proxy.dropReplyTo('incr');
    const counting = connection.send((client) => client.incr('counter'), { resend: 'never' });
    await expect(counting).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', outcome: 'unknown' });
    await eventually(async () => expect(await cache.isHealthy()).toBe(true));
    expect((await callsOf(server.url, 'incr')) - before).toBe(1);
    expect(await connection.client.get('counter')).toBe('1');
  });

  it('ends within its deadline while the server is silent', async () => {
    await cache.set('silent', 1);
    process.kill(server.pid!, 'SIGSTOP');
    try {
      const outcomes = await Promise.allSettled([
        cache.get('silent'),
        cache.set('silent', 2),
        cache.invalidate({ keys: ['silent'] }),
      ]);
      expect(outcomes).toMatchObject([
        { status: 'fulfilled', value: undefined },
        { status: 'rejected', reason: { code: 'COMMAND_TIMEOUT', timeoutMs: 800 } },
        { status: 'fulfilled', value: { removed: 0, delivered: false } },
      ]);
      expect(await cache.isHealthy()).toBe(false);
    } finally {
      process.kill(server.pid!, 'SIGCONT');
    }
  });

  it('finds its script again after SCRIPT FLUSH', async () => {
    const { client } = app.get(RedisConnection);
    for (let round = 0; round < 3; round += 1) {
      await client.script('FLUSH');
      await Promise.all([cache.set(`flushed:${round}`, round), cache.ttl(`flushed:${round}`)]);
    }
    expect([...(await cache.getMany(['flushed:0', 'flushed:1', 'flushed:2'])).values()]).toEqual([0, 1, 2]);
  });

  it('that Redis refuses says what Redis said', async () => {
    const { client } = app.get(RedisConnection);
    await client.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
    try {
      await expect(cache.set('full', 1)).rejects.toMatchObject({
        code: 'REDIS_REPLY',
        message: expect.stringContaining('OOM'),
      });
      expect(await cache.getOrSet('full', () => 'loaded')).toBe('loaded');
      expect(await cache.get('full')).toBeUndefined();
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
  });

  it('is one GET for a hit', async () => {
    await cache.set('hit', 1);
    // Not at once: the boot's own scripts may still run in the background.
    await eventually(async () => {
      const before = { get: await callsOf(server.url, 'get'), evalsha: await callsOf(server.url, 'evalsha') };
      await cache.getOrSet('hit', () => 2);
      expect(await callsOf(server.url, 'get')).toBe(before.get + 1);
      expect(await callsOf(server.url, 'evalsha')).toBe(before.evalsha);
    });
  });

  it('of writeThrough whose outcome is unknown takes nothing from the caller, and leaves nothing behind', async () => {
    const failed: string[] = [];
    const stop = app.get(RedisCacheEvents).on('cache:failed', ({ operation }) => failed.push(operation));
    const written = await cache.writeThrough('through', () => {
      proxy.dropReplyTo('evalsha');
      return 'row';
    });
    stop();
    expect(written).toBe('row');
    expect(failed).toEqual(['store']);
    expect(await cache.get('through')).toBeUndefined();
    expect((await cache.explain('through')).lease).toBeNull();
  });
});
