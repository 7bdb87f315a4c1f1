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
    denied.remember([refusalOf(chargeOf('long')), refusalOf(chargeOf('short'), 300)], denied.asking());
    expect([waitOf(chargeOf('long')), waitOf(chargeOf('short'))]).toEqual([60_000, 300]);
    now += 299;
    expect([waitOf(chargeOf('long')), waitOf(chargeOf('short'))]).toEqual([59_701, 1]);
    now += 1;
    expect(waitOf(chargeOf('short'))).toBeUndefined();
    now += 700;
    expect(waitOf(chargeOf('long'))).toBeUndefined();
  });

  it('are not those who were let in, who are forgotten, and who wait for a slot', () => {
    denied.remember(
      [refusalOf(chargeOf('admitted'), 0), refusalOf(chargeOf('slot', { algorithm: 'concurrency' }))],
      denied.asking(),
    );
    denied.remember([refusalOf(chargeOf('forgotten'))], denied.asking());
    denied.forget([chargeOf('forgotten')]);
    expect(['admitted', 'slot', 'forgotten'].map((key) => waitOf(chargeOf(key)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('may ask for something else: for less, or for more, which takes longer', () => {
    denied.remember([refusalOf(chargeOf('k', {}, 3))], denied.asking());
    expect(waitOf(chargeOf('k', {}, 3))).toBe(60_000);
    for (const cost of [2, 4]) expect(waitOf(chargeOf('k', {}, cost))).toBeUndefined();
    for (const limit of [4, 6]) expect(waitOf(chargeOf('k', { limit }, 3))).toBeUndefined();
    denied.remember([refusalOf(chargeOf('g', { algorithm: 'gcra' }))], denied.asking());
    for (const burst of [4, 6]) expect(waitOf(chargeOf('g', { algorithm: 'gcra', burst }))).toBeUndefined();
  });

  it('are not those about whom Redis was asked before something was given back to them', () => {
    const asked = denied.asking();
    denied.forget([chargeOf('given back')]);
    denied.remember([refusalOf(chargeOf('given back')), refusalOf(chargeOf('other'))], asked);
    expect([waitOf(chargeOf('given back')), waitOf(chargeOf('other'))]).toEqual([undefined, 60_000]);
    denied.remember([refusalOf(chargeOf('given back'))], denied.asking());
    expect(waitOf(chargeOf('given back'))).toBe(60_000);
  });

  it('are ten thousand at most', () => {
    denied.remember(
      Array.from({ length: 10_001 }, (_, at) => refusalOf(chargeOf(`k${at}`))),
      denied.asking(),
    );
    expect(waitOf(chargeOf('k0'))).toBeUndefined();
    expect(waitOf(chargeOf('k1'))).toBe(60_000);
  });
});
