import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { type HoldingProxy, startHoldingProxy } from '../../support/holding-proxy.js';
import { type StartedLocks, startLocks } from './start-locks.js';

const LATE_MS = 500;

describe('a lock of which Redis tells late, or not at all', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let proxy: HoldingProxy;
  let redis: Redis;
  let through: StartedLocks;
  let direct: StartedLocks;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    proxy = await startHoldingProxy(server.port);
    redis = new Redis(server.url);
    through = await startLocks({ connection: { host: '127.0.0.1', port: proxy.port, commandTimeout: '10s' } });
    direct = await startLocks({ connection: { url: server.url }, keyPrefix: through.keyPrefix });
  });
  beforeEach(async () => {
    for (const { locks } of [through, direct]) await locks.using('warm', () => undefined, { wait: '5s' });
  });
  afterAll(async () => {
    await Promise.all([through.app.close(), direct.app.close()]);
    redis.disconnect();
    await proxy.stop();
    await server.stop();
  });

  const fence = async (resource: string) =>
    Number(await redis.hget(`${through.keyPrefix}:lock:locks:${resource}`, 'fence'));
  /** Carries out what is asked for through the proxy, and lets its replies come when so much time has passed. */
  async function late<T>(ms: number, work: () => Promise<T>): Promise<T> {
    proxy.hold();
    const working = work();
    await eventually(() => expect(proxy.heldBytes()).toBeGreaterThan(0));
    await pause(ms);
    proxy.release();
    return working;
  }

  // A writer takes what was free the last time by one script, readers by another.
  it.each(['write', 'read'] as const)(
    'is none when it was over before its holder heard of it (L1): %s',
    async (mode) => {
      const [over, again] = [`over, ${mode}`, `again, ${mode}`];
      const options = { mode, ttl: 300, renew: false };
      for (const name of [over, over, again, again]) await through.locks.using(name, () => undefined);
      const taking = late(LATE_MS, () => through.locks.acquire(over, { ...options, wait: 0 }));
      await expect(taking).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
      const lock = await late(LATE_MS, () => through.locks.acquire(again, { ...options, wait: '10s' }));
      expect(lock.remainingMs()).toBeGreaterThan(0);
      expect(await fence(again)).toBe(lock.fencingToken); // the one that was over was granted before it
      await lock.release();
    },
  );

  it.each(['write', 'read'] as const)(
    'counts from before it was asked for, and so its renewal (L6): %s',
    async (mode) => {
      const counted = `counted, ${mode}`;
      for (let time = 0; time < 2; time += 1) await through.locks.using(counted, () => undefined);
      const lock = await late(LATE_MS, () => through.locks.acquire(counted, { mode, ttl: '20s', renew: false }));
      expect(lock.remainingMs()).toBeLessThanOrEqual(20_000 - LATE_MS);
      await late(LATE_MS, () => lock.extend('20s'));
      expect(lock.remainingMs()).toBeLessThanOrEqual(20_000 - LATE_MS);
      lock.assertHeld();
      await lock.release();
    },
  );

  it('is handed over also when the message gets lost on the way', async () => {
    const lock = await direct.locks.acquire('unheard', { ttl: '30s' });
    const waiting = through.locks.acquire('unheard', { wait: '15s' });
    await eventually(async () => expect((await direct.locks.inspect('unheard')).waiters).toHaveLength(1));
    proxy.silenceSubscriptions();
    await lock.release();
    await (await waiting).release();
    proxy.resetSubscriptions();
  });

  it('that ends with its ttl is taken over without a message', async () => {
    const lock = await direct.locks.acquire('ends', { ttl: 600, renew: false });
    const before = through.events.length;
    const waiting = through.locks.acquire('ends', { wait: '15s', ttl: '1s' });
    const next = await waiting;
    expect(lock.isHeld).toBe(false);
    expect(through.events.slice(before)).toEqual(['lock:acquired']);
    await next.release();
  });
});
