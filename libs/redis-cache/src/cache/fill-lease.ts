import type { EncodedValue } from '../core/codec/index.js';
import type { ServerLife } from '../core/connection/index.js';
import type { CacheEntries, StoreOptions } from './cache-entries.js';

export interface LeaseTimes {
  readonly leaseMs: number;
  /** After this time a lease is no longer renewed: a loader that hangs must not block its key for ever. */
  readonly loaderTimeoutMs: number;
}

/** The right to store what is loaded for one key, held by this process and renewed while the loader runs. */
export class FillLease {
  private readonly takenAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  private readonly life: ServerLife | undefined;
  private isFilled = false;

  constructor(
    private readonly entries: CacheEntries,
    readonly key: string,
    private readonly token: string,
    private readonly times: LeaseTimes,
  ) {
    this.life = entries.lifeOf(key);
    this.timer = setInterval(() => this.renew(), times.leaseMs / 3).unref();
  }

  /**
   * Stores the value and ends the lease. @returns whether it was stored: it is refused when the lease was lost or a
   * tag was invalidated since; and it is not sent to a server that was started since, or took the place of the other
   */
  async fill(encoded: EncodedValue, options: StoreOptions): Promise<boolean> {
    this.stopRenewing();
    if (this.entries.lifeOf(this.key) !== this.life) return false;
    const loadMs = performance.now() - this.takenAt;
    const stored = await this.entries.fill(this.key, this.token, encoded, { ...options, loadMs });
    this.isFilled = true;
    return stored;
  }

  stopRenewing(): void {
    clearInterval(this.timer);
  }

  /** Gives it back without a value, in the background, unless the fill has ended it. One that is not given back expires. */
  release(): void {
    this.stopRenewing();
    if (this.isFilled) return;
    this.entries.release(this.key, this.token).catch(() => undefined);
  }

  private renew(): void {
    if (performance.now() > this.takenAt + this.times.loaderTimeoutMs) return this.stopRenewing();
    this.entries.renew(this.key, this.token, this.times.leaseMs).then(
      (held) => void (held || this.stopRenewing()),
      () => undefined, // tried again at the next tick
    );
  }
}
