import type { CacheEntries } from './cache-entries.js';

export interface LeaseTimes {
  readonly leaseMs: number;
  /** After this time a lease is no longer renewed: a loader that hangs must not block its key for ever. */
  readonly loaderTimeoutMs: number;
}

/** The right to load one key, held by this process and renewed while the loader runs. */
export class FillLease {
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;

  constructor(
    private readonly entries: CacheEntries,
    readonly key: string,
    readonly token: string,
    private readonly times: LeaseTimes,
  ) {
    this.endsAt = performance.now() + times.loaderTimeoutMs;
    this.timer = setInterval(() => this.renew(), times.leaseMs / 3).unref();
  }

  /** No further renewal: the fill, or its refusal, ends the lease in Redis. */
  stopRenewing(): void {
    clearInterval(this.timer);
  }

  /** Gives it back without a value, in the background. A lease that cannot be given back expires. */
  release(): void {
    this.stopRenewing();
    this.entries.release(this.key, this.token).catch(() => undefined);
  }

  private renew(): void {
    if (performance.now() > this.endsAt) return this.stopRenewing();
    this.entries.renew(this.key, this.token, this.times.leaseMs).then(
      (held) => void (held || this.stopRenewing()),
      () => undefined, // tried again at the next tick
    );
  }
}
