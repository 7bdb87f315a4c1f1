import { Lease } from './lease.js';

describe('a lease', () => {
  const moment = { monotonicMs: 1_000, wallMs: 50_000 };
  const leaseOf = (grantedMs: number) => {
    const now = { ...moment };
    const lease = new Lease({ now: () => ({ ...now }) }, { ...moment }, grantedMs);
    return { lease, now };
  };

  it('counts from before the request, less what clocks may differ', () => {
    const { lease, now } = leaseOf(10_000);
    expect(lease.remainingMs()).toBe(9_898);
    now.monotonicMs += 9_000;
    expect(lease.remainingMs()).toBe(898);
    now.monotonicMs += 1_000;
    expect(lease.remainingMs()).toBeLessThanOrEqual(0);
  });

  it('does not live longer when the wall clock is set back', () => {
    const { lease, now } = leaseOf(10_000);
    now.monotonicMs += 4_000;
    now.wallMs -= 3_600_000;
    expect(lease.remainingMs()).toBe(5_898);
  });

  it('is over when the machine slept: the monotonic clock stood still', () => {
    const { lease, now } = leaseOf(10_000);
    now.wallMs += 11_000;
    expect(lease.remainingMs()).toBeLessThanOrEqual(0);
  });
});
