import type { BreakerState } from '../core/connection/index.js';

/** How a namespace is doing, as far as this process knows without asking. */
export interface CacheHealth {
  /**
   * `up`: it works. `degraded`: it answers, but evictions of this process wait to be delivered, so that other processes
   * may read old values. `down`: a server is away; reads load from the source. `off`: the cache is switched off
   * (`cache.enabled: false`); Redis is not asked at all.
   */
  readonly status: 'up' | 'degraded' | 'down' | 'off';
  /** The evictions that Redis has not carried out yet. */
  readonly journal: {
    /** Keys, patterns and tags; joined, so fewer than there were calls. */
    readonly pending: number;
    /** All entries are to be evicted: by `clear()`, or because more had to be remembered than is. */
    readonly coversAll: boolean;
  };
  /** Of the connection; on a cluster `open` when that of any primary is; `closed` while the cache is off. */
  readonly breaker: BreakerState;
}
