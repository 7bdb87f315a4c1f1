import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { Charge, LimitStore, Verdict } from '../../libs/redis-cache/src/rate-limit/limit-store.js';
import { MemoryLimits } from '../../libs/redis-cache/src/rate-limit/memory-limits.js';
import { type RateLimitPolicy, resolvePolicy } from '../../libs/redis-cache/src/rate-limit/rate-limit-policy.js';
import { uniquePrefix } from '../support/test-app.js';
import { playedLimits, WINDOW_MS } from './played-limits.js';
import {
  FixedWindowModel,
  GcraModel,
  type LimitModel,
  type Rules,
  SlidingLogModel,
  SlidingPartsModel,
} from './rate-limit-models.js';

type Step =
  | { readonly do: 'consume'; readonly afterMs: number | 'as told'; readonly cost: number }
  | { readonly do: 'resend' | 'refund'; readonly afterMs: number; readonly nth: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('consume' as const),
      afterMs: fc.oneof({ weight: 3, arbitrary: pause() }, fc.constant('as told' as const)),
      cost: fc.constantFrom(1, 1, 1, 2, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('resend' as const, 'refund' as const),
      afterMs: pause(),
      nth: fc.nat(3),
    }),
  },
);

/** Nothing, moments, and about a window. */
function pause(): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(0), fc.nat(20), fc.nat(WINDOW_MS / 10), fc.nat(WINDOW_MS + 20_000));
}

const ALGORITHMS: readonly (readonly [
  string,
  Partial<RateLimitPolicy> & { limit: number },
  (rules: Rules) => LimitModel,
])[] = [
  ['sliding-window, as a log', { limit: 5 }, (rules) => new SlidingLogModel(rules)],
  ['sliding-window, in parts', { limit: 101 }, (rules) => new SlidingPartsModel(rules)],
  ['fixed-window', { limit: 5, algorithm: 'fixed-window' }, (rules) => new FixedWindowModel(rules)],
  ['gcra', { limit: 7, algorithm: 'gcra' }, (rules) => new GcraModel(rules)],
  ['gcra with a burst', { limit: 7, burst: 3, algorithm: 'gcra' }, (rules) => new GcraModel(rules)],
  ['concurrency', { limit: 5, algorithm: 'concurrency' }, (rules) => new SlidingLogModel(rules)],
];

describe.each(ALGORITHMS)('%s', (_, options, createModel) => {
  const prefix = uniquePrefix();
  const policy = resolvePolicy('policy', { name: 'tried', window: WINDOW_MS, ...options });
  // Many units at once, so that the larger limit is reached too.
  const unit = options.limit > 100 ? 20 : 1;
  let redis: Redis;
  let now = 0;
  let runs = 0;

  beforeAll(() => {
    redis = new Redis(process.env.REDIS_URL!);
  });
  afterAll(async () => {
    for await (const keys of redis.scanStream({ match: `${prefix}*` }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
    await redis.quit();
  });

  const inRedis = (): LimitStore => playedLimits(redis, { now: () => now, prefix: `${prefix}:${runs}` });

  /** Plays a schedule; returns when what was admitted. */
  async function play(store: LimitStore, steps: readonly Step[]): Promise<{ at: number; cost: number }[]> {
    runs += 1;
    const model = createModel({ ...policy, burst: policy.burst });
    const key = `${prefix}:${runs}`;
    const admitted: { id: string; at: number; charge: Charge }[] = [];
    let toldMs = 0;
    now = Date.now();
    for (const [at, each] of steps.entries()) {
      now += each.afterMs === 'as told' ? toldMs : each.afterMs;
      if (each.do !== 'consume') {
        const earlier = admitted.at(-1 - each.nth);
        if (earlier === undefined || now - earlier.at >= WINDOW_MS) continue;
        if (each.do === 'resend') {
          const [verdict] = await decide(store, earlier.charge, earlier.id);
          expect(verdict!.waitMs).toBe(0);
        } else {
          await store.refund([earlier.charge], earlier.id);
          model.undo(earlier.id);
          admitted.splice(admitted.indexOf(earlier), 1);
        }
        continue;
      }
      const id = `r${at}`;
      const cost = each.cost * unit;
      const charge = { policy, cost, key, bucket: '', place: 0 };
      const [verdict] = await decide(store, charge, id);
      const isWithin = model.isWithin(now, cost);
      toldMs = verdict!.waitMs;
      expect({ step: at, isAdmitted: verdict!.waitMs === 0 }).toEqual({ step: at, isAdmitted: isWithin });
      if (isWithin) {
        model.count(now, id, cost);
        admitted.push({ id, at: now, charge });
      } else if (policy.kind !== 'slots') expectExactWait(model, cost, verdict!);
      expectRemaining(model, verdict!);
    }
    return admitted.map(({ at, charge }) => ({ at, cost: charge.cost }));
  }

  function decide(store: LimitStore, charge: Charge, id: string): Promise<readonly Verdict[]> {
    return store.decide([charge], { id, mode: 'consume' });
  }

  /** Whoever asks again when told to is let in, and not a millisecond before. */
  function expectExactWait(model: LimitModel, cost: number, { waitMs }: Verdict): void {
    expect(model.isWithin(now + waitMs, cost)).toBe(true);
    expect(model.isWithin(now + waitMs - 1, cost)).toBe(false);
  }

  function expectRemaining(model: LimitModel, { remaining }: Verdict): void {
    expect(model.isWithin(now, remaining)).toBe(true);
    expect(model.isWithin(now, remaining + 1)).toBe(false);
  }

  it.each([
    ['in Redis', inRedis],
    ['in memory', () => new MemoryLimits(() => now)],
  ] as const)('decides as its model does, %s', async (__, open) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const admitted = await play(open(), steps);
        if (policy.kind !== 'log' && policy.kind !== 'slide') return;
        for (const { at } of admitted) {
          const inWindow = admitted.filter((other) => other.at <= at && other.at > at - WINDOW_MS);
          expect(inWindow.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(policy.limit);
        }
      }),
      { numRuns: 60 },
    );
  });
});
