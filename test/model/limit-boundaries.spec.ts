import { Redis } from 'ioredis';
import type { Charge } from '../../libs/redis-cache/src/rate-limit/limit-store.js';
import { type RateLimitAlgorithm, resolvePolicy } from '../../libs/redis-cache/src/rate-limit/rate-limit-policy.js';
import { uniquePrefix } from '../support/test-app.js';
import { playedLimits, WINDOW_MS } from './played-limits.js';

/** Ten just before a window that began with one request ends, and ten just after: what other limiters let in nearly all of (R1). */
describe('a burst around the end of a window', () => {
  const prefix = uniquePrefix();
  let redis: Redis;
  let now = 0;

  beforeAll(() => {
    redis = new Redis(process.env.REDIS_URL!);
  });
  afterAll(async () => {
    for await (const keys of redis.scanStream({ match: `${prefix}*` }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
    await redis.quit();
  });

  /** @returns how many units of the burst are let in */
  async function burst(algorithm: RateLimitAlgorithm, limit: number): Promise<number> {
    const policy = resolvePolicy('policy', { name: 'tried', limit, window: WINDOW_MS, algorithm });
    const store = playedLimits(redis, { now: () => now, prefix: `${prefix}:${algorithm}:${limit}` });
    const charge: Charge = { policy, cost: limit / 10, key: `${prefix}:${algorithm}:${limit}`, bucket: '', place: 0 };
    const begun = Date.now();
    let admitted = 0;
    const ask = async (at: number): Promise<void> => {
      now = begun + at;
      const [verdict] = await store.decide([charge], { id: `r${at}`, mode: 'consume' });
      if (verdict!.waitMs === 0) admitted += charge.cost;
    };
    await ask(0);
    admitted = 0;
    for (let time = 0; time < 10; time += 1) await ask(WINDOW_MS - 10 + time);
    for (let time = 0; time < 10; time += 1) await ask(WINDOW_MS + time);
    return admitted;
  }

  it('is let in up to the limit by a sliding window, of whichever form', async () => {
    expect(await burst('sliding-window', 10)).toBe(10);
    expect(await burst('sliding-window', 200)).toBeLessThanOrEqual(200);
  });

  it('is let in nearly twice by a fixed window, as its documentation says: the test can tell', async () => {
    expect(await burst('fixed-window', 10)).toBe(19);
  });

  it('is let in up to the limit and the burst by gcra', async () => {
    expect(await burst('gcra', 10)).toBe(10);
  });

  it.each([
    ['sliding-window', 10],
    ['sliding-window', 200],
    ['fixed-window', 10],
    ['gcra', 10],
  ] as const)(
    'is let in when it is told to, also by a clock that was set back (%s, limit %i)',
    async (algorithm, limit) => {
      const policy = resolvePolicy('policy', { name: 'tried', limit, window: WINDOW_MS, algorithm });
      const store = playedLimits(redis, { now: () => now, prefix: `${prefix}:told` });
      const charge: Charge = { policy, cost: limit, key: `${prefix}:told:${algorithm}:${limit}`, bucket: '', place: 0 };
      const begun = Date.now();
      const waitAt = async (at: number): Promise<number> => {
        now = begun + at;
        const id = `${algorithm}-${limit}-${at}`;
        const [verdict] = await store.decide([charge], { id, mode: 'consume' });
        return verdict!.waitMs;
      };
      expect(await waitAt(WINDOW_MS / 2)).toBe(0);
      const toldMs = await waitAt(0); // the clock has gone back
      expect(await waitAt(toldMs - 1)).toBeGreaterThan(0);
      expect(await waitAt(toldMs)).toBe(0);
    },
  );

  it.each([10, 200])('is not let in early where the clock was set back meanwhile (limit %i)', async (limit) => {
    const policy = resolvePolicy('policy', { name: 'tried', limit, window: WINDOW_MS });
    const store = playedLimits(redis, { now: () => now, prefix: `${prefix}:back` });
    const charge: Charge = { policy, cost: limit / 2, key: `${prefix}:back:${limit}`, bucket: '', place: 0 };
    const begun = Date.now();
    const waitAt = async (at: number, cost = charge.cost): Promise<number> => {
      now = begun + at;
      const [verdict] = await store.decide([{ ...charge, cost }], { id: `${limit}-${at}-${cost}`, mode: 'consume' });
      return verdict!.waitMs;
    };
    expect(await waitAt(WINDOW_MS / 2)).toBe(0);
    expect(await waitAt(0)).toBe(0); // the clock, not the time, has gone back
    expect(await waitAt(1.1 * WINDOW_MS)).toBeGreaterThan(0);
    const untilAllIsFree = await waitAt(1.1 * WINDOW_MS, limit);
    expect(untilAllIsFree).toBeGreaterThanOrEqual(0.4 * WINDOW_MS);
    expect(await waitAt(1.1 * WINDOW_MS + untilAllIsFree, limit)).toBe(0);
  });
});
