import type { Codec } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { StoreOptions } from './cache-entries.js';
import type { CacheReports } from './cache-reports.js';
import type { FillLease } from './fill-lease.js';
import type { FillLeases } from './fill-leases.js';
import { keepingOutcome } from './keeping-outcome.js';

/** How a value is written to the source, and then stored. */
export interface WriteRequest {
  readonly write: () => unknown;
  /** How what was written is stored; `undefined`: not at all. */
  readonly storedAs: (value: unknown) => StoreOptions | undefined;
}

interface WriteParts {
  readonly leases: FillLeases;
  /** Evicts a key; also, at a later time, when Redis is away. */
  readonly evict: (key: string) => Promise<unknown>;
  readonly codec: Codec;
  readonly reports: CacheReports;
}

/**
 * Writes to the source first and to the cache second, without a moment in which the two could part: the key's lease is
 * taken before the write and voids what is being loaded; the value is stored under it. If anybody evicted or wrote
 * meanwhile, or nothing is to be stored, the entry is removed instead: what came in between may be older.
 */
export class WriteThrough {
  constructor(private readonly parts: WriteParts) {}

  async run(key: string, request: WriteRequest): Promise<unknown> {
    const lease = await this.parts.leases.take(key);
    let isStored = false;
    const work = async (): Promise<unknown> => {
      const value = await request.write();
      isStored = await this.store(lease, value, request);
      return value;
    };
    const settle = async (): Promise<void> => {
      lease.stopRenewing();
      if (!isStored) await this.parts.evict(key);
    };
    return keepingOutcome(work, { succeeded: settle, failed: settle });
  }

  private async store(lease: FillLease, value: unknown, { storedAs }: WriteRequest): Promise<boolean> {
    const options = value === undefined ? undefined : storedAs(value);
    if (options === undefined) return false;
    const encoded = this.parts.reports.encoded(lease.key, () => this.parts.codec.encode(value));
    if (encoded === undefined) return false;
    try {
      return await lease.fill(encoded, options);
    } catch (error) {
      // The source has been written: the caller is not to be told that it was not.
      if (!isRedisCacheError(error)) throw error;
      this.parts.reports.failed('store', lease.key, error);
      return false;
    }
  }
}
