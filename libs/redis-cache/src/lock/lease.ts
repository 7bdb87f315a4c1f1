/** Moments on both clocks of this process. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The monotonic clock stands still while a machine sleeps; the wall clock goes on, but may be set. */
export interface LeaseClock {
  now(): Moment;
}

export const leaseClock: LeaseClock = { now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }) };

/** By how much the clocks of Redis and of this machine may differ in speed, and what rounding takes. */
const DRIFT = 0.01;
const ROUNDING_MS = 2;

/**
 * For how long something is ours, reckoned here: from the moment before Redis was asked, less the drift. A wall clock that
 * is wrong, or set back, changes nothing; one that runs ahead of the monotonic clock means that the machine slept.
 */
export class Lease {
  private readonly validMs: number;

  /** @param asked the moment before the command was sent @param grantedMs what Redis said remains */
  constructor(
    private readonly clock: LeaseClock,
    private readonly asked: Moment,
    grantedMs: number,
  ) {
    this.validMs = grantedMs - grantedMs * DRIFT - ROUNDING_MS;
  }

  /** At most 0 when it is over. */
  remainingMs(): number {
    const now = this.clock.now();
    const elapsedMs = Math.max(now.monotonicMs - this.asked.monotonicMs, now.wallMs - this.asked.wallMs);
    return this.validMs - elapsedMs;
  }
}
