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
  const charge: Charge = { policy, cost: 2, key: uniquePrefix(), bucket: '' };
  let redis: Redis;
  let store: LimitStore;

  beforeAll(() => {
    redis = new Redis(process.env.REDIS_URL!);
    store = new RedisLimits(
      {
        run: (script, keys, args) => runScript(redis as unknown as ScriptClient, script, keys, args),
        send: (command) => command(redis),
      },
      () => undefined,
    );
  });
  afterEach(() => redis.unlink(charge.key));
  afterAll(() => redis.quit());

  const consume = async (id: string): Promise<Verdict> => {
    const [verdict] = await store.decide([charge], { id, mode: 'consume', refundableMs: 60_000 });
    return verdict!;
  };

  it('is not counted when it comes after its refund', async () => {
    await store.refund([charge], 'late', { lateMs: 60_000 });
    await store.refund([charge], 'late', { lateMs: 60_000 });
    await consume('late');
    expect((await consume('other')).remaining).toBe(policy.limit - 2);
    expect(await redis.pttl(`${charge.key}:late`)).toBeGreaterThan(0);
    await redis.unlink(`${charge.key}:late`, `${charge.key}:other`);
  });

  it('is taken back when it came before, and not counted when it comes again', async () => {
    await consume('early');
    await store.refund([charge], 'early', { lateMs: 60_000 });
    await consume('early');
    expect((await consume('other')).remaining).toBe(policy.limit - 2);
    await redis.unlink(`${charge.key}:early`, `${charge.key}:other`);
  });
});
