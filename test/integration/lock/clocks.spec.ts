import { jest } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { describeEachTopology } from '../../support/topologies.js';
import { type StartedLocks, startLocks } from './start-locks.js';

const HOUR_MS = 3_600_000;

describeEachTopology('locks of processes whose clocks are wrong by an hour', ({ connection }) => {
  let apps: StartedLocks[];

  beforeAll(async () => {
    const first = await startLocks({ connection });
    apps = [first, await startLocks({ connection, keyPrefix: first.keyPrefix })];
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
  });

  /** What follows happens in a process whose clock is ahead by so much, in relation to this machine's. */
  function clockIsAheadBy(ms: number): void {
    jest.restoreAllMocks();
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  }

  it('are handed over in the order in which Redis was asked (L13)', async () => {
    const [{ locks }, other] = apps as [StartedLocks, StartedLocks];
    const order: string[] = [];
    const waiting: Promise<unknown>[] = [];
    clockIsAheadBy(2 * HOUR_MS);
    const lock = await locks.acquire('fair');
    // Each of the next is further back, because a clock that jumps ahead costs a lock that is held.
    for (const [at, aheadBy] of [HOUR_MS, 0, -HOUR_MS].entries()) {
      clockIsAheadBy(aheadBy);
      const name = `ahead by ${aheadBy / HOUR_MS} h`;
      waiting.push(other.locks.using('fair', () => void order.push(name), { wait: '15s' }));
      await eventually(async () => expect((await locks.inspect('fair')).waiters).toHaveLength(at + 1));
    }
    await lock.release();
    await Promise.all(waiting);
    expect(order).toEqual(['ahead by 1 h', 'ahead by 0 h', 'ahead by -1 h']);
  });

  it.each([HOUR_MS, -HOUR_MS])(
    'are held as long as Redis says, with growing tokens: ahead by %d ms',
    async (aheadBy) => {
      const [{ locks }, other] = apps as [StartedLocks, StartedLocks];
      const resource = `held ${aheadBy}`;
      const before = await locks.acquire(resource);
      await before.release();
      clockIsAheadBy(aheadBy);
      const lock = await locks.acquire(resource, { ttl: '20s', renew: false });
      expect(lock.remainingMs()).toBeGreaterThan(15_000);
      expect(lock.remainingMs()).toBeLessThanOrEqual(20_000);
      expect(lock.fencingToken).toBeGreaterThan(before.fencingToken);
      expect(await other.locks.tryAcquire(resource)).toBeNull();
      await lock.release();
      const short = await locks.acquire(resource, { ttl: 300, renew: false });
      const next = await other.locks.acquire(resource);
      expect(short.isHeld).toBe(false);
      expect(next.fencingToken).toBeGreaterThan(short.fencingToken);
      await next.release();
    },
  );

  it('leave permits of a semaphore to those who have them (L7)', async () => {
    const [one, other] = apps.map(({ locks }) => locks.semaphore('skewed', { permits: 1 }));
    clockIsAheadBy(0);
    const permit = await one!.acquire({ ttl: '20s' });
    for (const aheadBy of [HOUR_MS, -HOUR_MS]) {
      clockIsAheadBy(aheadBy);
      expect(await other!.tryAcquire({ ttl: 100 })).toBeNull();
    }
    await permit.release();
    const behind = await other!.acquire({ ttl: 300, renew: false });
    await (await one!.acquire()).release();
    expect(behind.isHeld).toBe(false);
  });
});
