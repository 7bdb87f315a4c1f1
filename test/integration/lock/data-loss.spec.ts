import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { ownCluster } from '../../support/own-servers.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { LockService } from 'nestjs-redis-cache';
import { startLocks } from './start-locks.js';

const TTL_MS = 2_000;

describe('locks on a Redis that loses its data', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let redis: Redis;

  beforeEach(async () => {
    server = await launchServer({ quiet: true });
    redis = new Redis(server.url);
  });
  afterEach(async () => {
    redis.disconnect();
    await server.stop();
  });

  const start = (afterDataLoss: 'wait' | 'grant', keyPrefix = uniquePrefix()) =>
    startLocks({ connection: { url: server.url }, keyPrefix, lock: { ttl: TTL_MS, maxTtl: TTL_MS, afterDataLoss } });

  it('are given to nobody until the longest of them has ended', async () => {
    const { app, locks, events } = await start('wait');
    const lock = await locks.acquire('kept', { renew: false, wait: '10s' });
    const other = await locks.acquire('other', { renew: false });
    await redis.flushall();
    expect(await locks.tryAcquire('kept')).toBeNull();
    await expect(locks.acquire('new', { wait: 0 })).rejects.toThrow("lock.afterDataLoss: 'grant'");
    expect(events).toContain('lock:closed');
    const next = await locks.acquire('kept', { wait: '5s' });
    expect([lock.isHeld, other.isHeld]).toEqual([false, false]);
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
    await app.close();
  });

  it('are given to nobody by a process that has just started, while the server is younger than they may be', async () => {
    const { app, locks, events } = await start('wait');
    expect(await locks.tryAcquire('first')).toBeNull();
    expect(events).toEqual(['lock:closed', 'lock:busy']);
    await (await locks.acquire('first', { wait: '10s' })).release();
    await app.close();
  });

  it('say once why nobody is let in, and the way out', async () => {
    const logger = new CollectingLogger();
    const app = await startApp({ connection: { url: server.url }, logger, lock: { ttl: TTL_MS } });
    const locks = app.get(LockService);
    for (const resource of ['a', 'b', 'a']) expect(await locks.tryAcquire(resource)).toBeNull();
    expect(logger.containing("lock.afterDataLoss: 'grant'")).toHaveLength(1);
    await (await locks.acquire('a')).release();
    await redis.flushall();
    for (const resource of ['a', 'b']) expect(await locks.tryAcquire(resource)).toBeNull();
    expect(logger.containing("lock.afterDataLoss: 'grant'")).toHaveLength(2);
    await app.close();
  });

  it('are given at once by a process that has just started beside a server that is old enough', async () => {
    await pause(TTL_MS + 2_000);
    const { app, locks } = await start('wait');
    expect(await locks.tryAcquire('first')).not.toBeNull();
    await app.close();
  });

  it('are closed for all by whoever has met the epoch before', async () => {
    await pause(TTL_MS + 2_000);
    const veteran = await start('wait');
    const lock = await veteran.locks.acquire('kept', { renew: false });
    await redis.flushall();
    const recruit = await start('wait', veteran.keyPrefix);
    await (await recruit.locks.acquire('elsewhere', { wait: 0 })).release();
    expect(await veteran.locks.tryAcquire('kept')).toBeNull();
    expect(await recruit.locks.tryAcquire('kept')).toBeNull();
    lock.assertHeld();
    await Promise.all([veteran.app.close(), recruit.app.close()]);
  });

  it('are not closed once more by who comes late with what was lost long ago', async () => {
    const { app, locks, keyPrefix } = await start('wait');
    const late = await start('wait', keyPrefix);
    for (const its of [locks, late.locks]) await its.using('kept', () => undefined, { wait: '10s' });
    await redis.flushall();
    await locks.using('kept', () => undefined, { wait: '10s' });
    await late.locks.using('kept', () => undefined, { wait: 0 });
    await locks.using('kept', () => undefined, { wait: 0 });
    await Promise.all([app.close(), late.app.close()]);
  });

  it('are given to nobody when data come back that are older than the locks', async () => {
    const { app, locks, keyPrefix } = await start('wait');
    const other = await start('wait', keyPrefix);
    const epoch = `${keyPrefix}:lock-epoch:locks:`;
    for (const its of [locks, other.locks]) await its.using('kept', () => undefined, { wait: '10s' });
    const before = await redis.dumpBuffer(epoch);
    await redis.flushall();
    for (const its of [locks, other.locks]) await its.using('kept', () => undefined, { wait: '10s' });
    const lock = await locks.acquire('kept', { renew: false });
    await redis.flushall();
    await redis.restore(epoch, 0, before);
    expect(await other.locks.tryAcquire('kept')).toBeNull();
    lock.assertHeld();
    await Promise.all([app.close(), other.app.close()]);
  });

  it('are given at once where that was asked for', async () => {
    const { app, locks } = await start('grant');
    const lock = await locks.acquire('kept', { wait: 0 });
    await redis.flushall();
    expect(await locks.tryAcquire('kept')).not.toBeNull();
    await lock.release();
    expect(lock.signal.aborted).toBe(true);
    await app.close();
  });

  it('are lost by their holder at the next renewal', async () => {
    const { app, locks, events } = await start('grant');
    const lock = await locks.acquire('flushed', { ttl: 600 });
    await redis.flushall();
    await pause(400);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', message: expect.stringContaining('lost its data') });
    expect(events.at(-1)).toBe('lock:lost');
    await app.close();
  });
});

describe('locks on a cluster whose primary loses its data', () => {
  it('are given to nobody until the longest of them has ended', async () => {
    const servers = await ownCluster();
    const options = { connection: servers.connection, keyPrefix: uniquePrefix() };
    const lock = { ttl: '4s', maxTtl: '4s', afterDataLoss: 'wait' } as const;
    const apps = [await startLocks({ ...options, lock }), await startLocks({ ...options, lock })];
    const [one, other] = apps.map(({ locks }) => locks) as [LockService, LockService];
    for (const locks of [one, other]) await locks.using('lost', () => undefined, { wait: '15s' });
    const held = await one.acquire('lost', { renew: false });
    await flushPrimaryWith(`${options.keyPrefix}:lock:locks:*lost`, servers.urls);
    expect(await other.tryAcquire('lost')).toBeNull();
    held.assertHeld(); // its holder does not know: another one would have been the second
    await (await other.acquire('lost', { wait: '15s' })).release();
    expect(held.isHeld).toBe(false);
    await Promise.all(apps.map(({ app }) => app.close()));
    await servers.stop();
  }, 60_000);
});

async function flushPrimaryWith(pattern: string, urls: readonly string[]): Promise<void> {
  let flushed = 0;
  for (const url of urls) {
    const redis = new Redis(url);
    if ((await redis.keys(pattern)).length > 0) flushed += (await redis.flushall()) === 'OK' ? 1 : 0;
    redis.disconnect();
  }
  expect(flushed).toBe(1);
}

describe('locks on a Redis that may throw them away', () => {
  const bootWith = async (policy: string, lock?: object) => {
    const server = await launchServer({ quiet: true, args: ['--maxmemory-policy', policy] });
    const logger = new CollectingLogger();
    const app = await startApp({ connection: { url: server.url }, logger, ...(lock === undefined ? {} : { lock }) });
    const atBoot = logger.containing('throw away a lock').length;
    await app.get(LockService).tryAcquire('first use');
    await app.get(LockService).tryAcquire('second use');
    await pause(50);
    const later = logger.containing("lock: { connection: 'durable' }").length;
    await app.close();
    await server.stop();
    return { atBoot, later };
  };

  it.each([
    ['allkeys-lru', {}, { atBoot: 1, later: 1 }],
    ['volatile-ttl', {}, { atBoot: 1, later: 1 }],
    ['noeviction', {}, { atBoot: 0, later: 0 }],
    ['allkeys-lru', undefined, { atBoot: 0, later: 1 }],
  ])('warn once, at boot or at their first use: %s %s', async (policy, lock, expected) => {
    expect(await bootWith(policy, lock)).toEqual(expected);
  });
});
