import { randomUUID } from 'node:crypto';
import type { StoredValue } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { CacheEntries, LeaseRequest } from './cache-entries.js';
import type { CacheReports } from './cache-reports.js';
import { FillLease, type LeaseTimes } from './fill-lease.js';
import type { NamespaceKeys } from './namespace-keys.js';
import { Patience } from './patience.js';
import type { WakeUps } from './wake-ups.js';

/** How the right to load a key was asked for, and what came of it. */
export type Acquired =
  | { readonly kind: 'lease'; readonly lease: FillLease }
  /** An entry came in between. */
  | { readonly kind: 'found'; readonly stored: StoredValue }
  /** Somebody else has it, and the caller's patience is over; or nothing may be stored now. */
  | { readonly kind: 'busy' }
  /** Redis does not answer. */
  | { readonly kind: 'unreachable' };

interface FillLeaseParts {
  readonly entries: CacheEntries;
  readonly keys: NamespaceKeys;
  readonly wakeUps: WakeUps;
  readonly reports: CacheReports;
  readonly times: LeaseTimes;
}

export interface AcquireRequest {
  /** `load`: an entry is the answer. `reload`: it is not. */
  readonly purpose: 'load' | 'reload';
  readonly tags: readonly string[];
  readonly patience: Patience;
  /** Whether the caller takes what it may find. */
  readonly accepts: (stored: StoredValue) => boolean;
}

/** Where the fill leases of a namespace are taken. */
export class FillLeases {
  constructor(private readonly parts: FillLeaseParts) {}

  /** Takes the lease of a key, or waits for whoever has it as long as the caller's patience lasts. */
  async acquire(key: string, { purpose, tags, patience, accepts }: AcquireRequest): Promise<Acquired> {
    const { entries, keys, wakeUps, times, reports } = this.parts;
    const token = randomUUID();
    const channel = wakeUps.channelIn(keys.bucketOf(key).name);
    const asked: LeaseRequest = { token, purpose, leaseMs: times.leaseMs, channel, tags };
    let request = asked;
    for (;;) {
      const listening = wakeUps.listen(keys.of(key).lease);
      try {
        const reply = await entries.lease(key, request);
        if (reply.outcome === 'granted') return { kind: 'lease', lease: this.held(key, token) };
        if (reply.outcome === 'value') {
          const stored = reports.decoded(key, () => entries.decode(reply.stored));
          if (stored !== undefined && accepts(stored)) return { kind: 'found', stored };
          request = { ...request, purpose: 'reload' };
          continue;
        }
        if (reply.kind !== 'load' || patience.isOver) return { kind: 'busy' };
        const waited = await listening.wait(Math.min(reply.remainingMs, patience.remainingMs));
        if (waited === 'woken') patience.spend();
        request = asked; // whatever lay there when it was refused, something else may by now
      } catch (error) {
        if (!isRedisCacheError(error)) throw error;
        entries.release(key, token).catch(() => undefined); // it may have been granted behind our back
        reports.failed('lease', key, error);
        return { kind: 'unreachable' };
      } finally {
        listening.end();
      }
    }
  }

  /** Takes the lease of a key, entry or not; `undefined` when somebody has it, or Redis does not answer. */
  async tryTake(key: string, tags: readonly string[]): Promise<FillLease | undefined> {
    const acquired = await this.acquire(key, {
      purpose: 'reload',
      tags,
      patience: new Patience(0, 0),
      accepts: () => false,
    });
    return acquired.kind === 'lease' ? acquired.lease : undefined;
  }

  /** Takes the lease of a key for a write: evicts the entry, and voids what is being loaded. */
  async take(key: string): Promise<FillLease> {
    const { entries, times } = this.parts;
    const token = randomUUID();
    try {
      await entries.lease(key, { token, purpose: 'put', leaseMs: times.leaseMs, channel: '', tags: [] });
    } catch (error) {
      entries.release(key, token).catch(() => undefined);
      throw error;
    }
    return this.held(key, token);
  }

  private held(key: string, token: string): FillLease {
    return new FillLease(this.parts.entries, key, token, this.parts.times);
  }
}
