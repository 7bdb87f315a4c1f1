import { DeniedCallers } from './denied-callers.js';
import type { Charge, Verdict } from './limit-store.js';
import { type RateLimitPolicy, resolvePolicy } from './rate-limit-policy.js';

function chargeOf(key: string, given: Partial<RateLimitPolicy> = {}, cost = 1): Charge {
  const policy = resolvePolicy('policy', { name: 'tried', limit: 5, window: '1m', ...given });
  return { policy, key, bucket: '', cost, place: 0 };
}

function refusalOf(charge: Charge, waitMs = 60_000): Verdict {
  return { charge, remaining: 0, waitMs, nextMs: waitMs };
}

describe('denied callers', () => {
  let now: number;
  let denied: DeniedCallers;

  beforeEach(() => {
    now = 1_000;
    denied = new DeniedCallers(() => now);
  });

  const waitOf = (charge: Charge): number | undefined => denied.find([charge])[0]?.waitMs;

  it('are refused until the limit lets them in, at most for a second, and told what is left of the wait', () => {
    denied.remember([refusalOf(chargeOf('long')), refusalOf(chargeOf('short'), 300)]);
    expect([waitOf(chargeOf('long')), waitOf(chargeOf('short'))]).toEqual([60_000, 300]);
    now += 299;
    expect([waitOf(chargeOf('long')), waitOf(chargeOf('short'))]).toEqual([59_701, 1]);
    now += 1;
    expect(waitOf(chargeOf('short'))).toBeUndefined();
    now += 700;
    expect(waitOf(chargeOf('long'))).toBeUndefined();
  });

  it('are not those who were let in, who are forgotten, and who wait for a slot', () => {
    denied.remember([refusalOf(chargeOf('admitted'), 0), refusalOf(chargeOf('slot', { algorithm: 'concurrency' }))]);
    denied.remember([refusalOf(chargeOf('forgotten'))]);
    denied.forget([chargeOf('forgotten')]);
    expect(['admitted', 'slot', 'forgotten'].map((key) => waitOf(chargeOf(key)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('may ask for less, or with a higher limit', () => {
    denied.remember([refusalOf(chargeOf('k', {}, 3))]);
    expect(waitOf(chargeOf('k', {}, 2))).toBeUndefined();
    expect(waitOf(chargeOf('k', { limit: 6 }, 3))).toBeUndefined();
    expect(waitOf(chargeOf('k', {}, 4))).toBe(60_000);
  });

  it('are ten thousand at most', () => {
    denied.remember(Array.from({ length: 10_001 }, (_, at) => refusalOf(chargeOf(`k${at}`))));
    expect(waitOf(chargeOf('k0'))).toBeUndefined();
    expect(waitOf(chargeOf('k1'))).toBe(60_000);
  });
});
