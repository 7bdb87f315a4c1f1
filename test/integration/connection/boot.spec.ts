import { CacheService, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { freePort, launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';
import { untilCoherent } from '../../support/until-coherent.js';

const password = 'hunter2-is-secret';

describe('a boot while Redis is away', () => {
  it('goes on with "degrade", says so once, and works as soon as Redis is there', async () => {
    const port = await freePort();
    const logger = new CollectingLogger();
    const connection = { url: `redis://:${password}@127.0.0.1:${port}` };
    const app = await startApp({ connection, logger, cache: { l1: true } });
    const cache = app.get(CacheService);
    const changes: string[] = [];
    app.get(RedisCacheEvents).on('connection:up', () => changes.push('up'));
    app.get(RedisCacheEvents).on('connection:down', () => changes.push('down'));

    expect(app.get(RedisConnection).status).toBe('away');
    expect(await cache.get('a')).toBeUndefined();
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded');
    expect(await cache.isHealthy()).toBe(false);
    await expect(cache.set('a', 1)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', outcome: 'not-sent' });
    expect(await cache.invalidate({ keys: ['a'] })).toEqual({ removed: 0, delivered: false });
    expect(logger.containing('is down')).toHaveLength(1);
    expect(logger.containing(`127.0.0.1:${port}`)).toHaveLength(1);

    const server = await launchServer({ port, args: ['--requirepass', password], quiet: true });
    await eventually(() => expect(changes).toEqual(['up']), { withinMs: 15_000 });
    await eventually(() => expect(cache.health().status).toBe('up'));
    await cache.set('a', 1);
    expect(await cache.get('a')).toBe(1);
    expect(await cache.isHealthy()).toBe(true);
    await untilCoherent(cache);
    expect(logger.containing('is up')).toHaveLength(1);

    await app.close();
    await server.stop();
    expect(logger.lines.join('\n')).not.toContain(password);
    expect(changes).toEqual(['up']);
  });

  it('stops with "fail", naming the address and not the password', async () => {
    const port = await freePort();
    const url = `redis://user:${password}@127.0.0.1:${port}`;
    const failure = await startApp({ connection: { url, onBoot: 'fail' } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
    expect(String((failure as Error).stack)).not.toContain(password);
  });

  it('tells a wrong password from a missing server', async () => {
    const server = await launchServer({ args: ['--requirepass', password], quiet: true });
    const logger = new CollectingLogger();
    const connection = { host: '127.0.0.1', port: server.port, password: 'wrong' } as const;
    await expect(startApp({ connection: { ...connection, onBoot: 'fail' } })).rejects.toMatchObject({
      cause: expect.objectContaining({ message: expect.stringContaining('WRONGPASS') }),
    });
    const app = await startApp({ connection, logger });
    expect(logger.containing('WRONGPASS')).toHaveLength(1);
    await app.close();
    await server.stop();
  });
});
