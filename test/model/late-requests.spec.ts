import { Redis } from 'ioredis';
import { runScript, type ScriptClient } from '../../libs/redis-cache/src/core/scripts/index.js';
import type { Charge, LimitStore, Verdict } from '../../libs/redis-cache/src/rate-limit/limit-store.js';
import { type RateLimitPolicy, resolvePolicy } from '../../libs/redis-cache/src/rate-limit/rate-limit-policy.js';
import { RedisLimits } from '../../libs/redis-cache/src/rate-limit/redis-limits.js';
import { uniquePrefix } from '../support/test-app.js';

const ALGORITHMS: readonly (readonly [string, Partial<RateLimitPolicy>])[] = [
  ['sliding-window, as a log', {}],
  ['sliding-window, in parts', { limit: 200 }],
  ['fixed-window', { algorithm: 'fixed-window' }],
  ['gcra', { algorithm: 'gcra' }],
  ['concurrency', { algorithm: 'concurrency' }],
];

/** Two commands of one request overtake each other when they go by different connections. */
describe.each(ALGORITHMS)('a request that was given up (%s)', (_, options) => {
  const policy = resolvePolicy('policy', { name: 'tried', limit: 5, window: '10m', ...options });
  const key = uniquePrefix();
  const charge: Charge = { policy, cost: 2, key, bucket: '', place: 0 };
  const notesOf = (group: string): string => `${key}:notes:${group}-`;
  let redis: Redis;
  let store: LimitStore;

  beforeAll(() => {
    redis = new Redis(process.env.REDIS_URL!);
    store = new RedisLimits({
      connection: {
        run: (script, keys, args) => runScript(redis as unknown as ScriptClient, script, keys, args),
        send: (command) => command(redis),
      },
      notesIn: () => `${key}:notes:`,
      onKept: () => undefined,
    });
  });
  afterEach(() => redis.unlink(key, notesOf('one'), notesOf('other')));
  afterAll(() => redis.quit());

  const consume = async (id: string): Promise<Verdict> => {
    const [verdict] = await store.decide([charge], { id, mode: 'consume' });
    return verdict!;
  };

  it('is not counted when it comes after its refund', async () => {
    await consume('one-2');
    await redis.pexpire(notesOf('one'), 1_000);
    await store.refund([charge], 'one-1', { mayArrive: true });
    await store.refund([charge], 'one-1', { mayArrive: true });
    await consume('one-1');
    await store.refund([charge], 'one-2');
    expect((await consume('other-1')).remaining).toBe(policy.limit - 2);
    expect(await redis.pttl(notesOf('one'))).toBeGreaterThan(60_000);
  });

  it('is taken back when it came before, and not counted when it comes again', async () => {
    await consume('one-1');
    await store.refund([charge], 'one-1');
    await consume('one-1');
    expect((await consume('other-1')).remaining).toBe(policy.limit - 2);
  });

  it('gives back each of its limits by itself', async () => {
    const fixed = resolvePolicy('policy', { name: 'fixed', limit: 5, window: '10m', algorithm: 'fixed-window' });
    const other: Charge = { policy: fixed, cost: 1, key: `${key}:fixed`, bucket: '', place: 1 };
    await store.decide([charge, other], { id: 'one-1', mode: 'consume' });
    await store.refund([charge], 'one-1');
    await store.refund([charge], 'one-1');
    const remaining = async () => {
      const verdicts = await store.decide([charge, other], { id: '', mode: 'peek' });
      return verdicts.map((verdict) => verdict.remaining);
    };
    expect(await remaining()).toEqual([policy.limit, 4]);
    await store.refund([other], 'one-1');
    expect(await remaining()).toEqual([policy.limit, 5]);
    await redis.unlink(other.key);
  });
});
