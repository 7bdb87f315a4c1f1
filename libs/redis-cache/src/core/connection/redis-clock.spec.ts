import { RedisClock } from './redis-clock.js';

describe('RedisClock', () => {
  let here = 0;
  const passes = (ms: number): number => (here += ms);
  const observe = (clock: RedisClock, redisMs: number, roundTripMs: number): void => {
    const startedAt = clock.start();
    passes(roundTripMs);
    clock.observe(redisMs, startedAt);
  };

  it('takes the middle of the round trip for the moment of the reply', () => {
    const clock = new RedisClock(() => here);
    observe(clock, 1_000_000, 10);
    expect(clock.now()).toBe(1_000_005);
    expect(clock.errorMs).toBe(5);
    passes(100);
    expect(clock.now()).toBe(1_000_105);
  });

  it('prefers the quicker reply', () => {
    const clock = new RedisClock(() => here);
    observe(clock, 5_000, 2);
    observe(clock, 9_999, 50);
    expect(clock.errorMs).toBe(1);
    observe(clock, 7_000, 1);
    expect(clock.now()).toBe(7_000.5);
  });

  it('forgets a sample that has grown old, because clocks drift', () => {
    const clock = new RedisClock(() => here);
    observe(clock, 5_000, 2);
    passes(60_001);
    observe(clock, 70_000, 50);
    expect(clock.errorMs).toBe(25);
  });

  it('is the local clock, and says that it knows nothing, before the first reply', () => {
    const clock = new RedisClock(() => here);
    expect(clock.errorMs).toBe(Number.POSITIVE_INFINITY);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  });

  it('maps a time of Redis to a moment that surely comes before it, also when the clocks drift', () => {
    const clock = new RedisClock(() => here);
    expect(clock.surelyBefore(1_000_000)).toBe(Number.NEGATIVE_INFINITY);
    observe(clock, 1_000_000, 10);
    const middle = here - 5;
    expect(clock.surelyBefore(1_000_000)).toBe(middle - 5);
    expect(clock.surelyBefore(1_060_000)).toBeCloseTo(middle - 5 + 60_000 - 30, 5);
    expect(clock.surelyBefore(999_000)).toBe(middle - 5 - 1_000);
    expect(clock.surelyBefore(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  it('knows nothing any more when it is told to forget', () => {
    const clock = new RedisClock(() => here);
    observe(clock, 1_000_000, 2);
    clock.forget();
    expect(clock.errorMs).toBe(Number.POSITIVE_INFINITY);
    expect(clock.surelyBefore(1_000_000)).toBe(Number.NEGATIVE_INFINITY);
  });
});
