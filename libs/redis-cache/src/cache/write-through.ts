import { randomUUID } from 'node:crypto';
import type { Codec } from '../core/codec/index.js';
import type { EventBus } from '../core/events/index.js';
import type { CacheEntries, StoreOptions } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { FillLease, type LeaseTimes } from './fill-lease.js';

interface WriteParts {
  readonly name: string;
  readonly entries: CacheEntries;
  readonly codec: Codec;
  readonly events: EventBus<CacheEvents>;
  readonly times: LeaseTimes;
}

/**
 * Writes to the source first and to the cache second, without a moment in which the two could part: the key's lease is
 * taken before the write and voids what is being loaded; the value is stored under it. If anybody evicted or wrote
 * meanwhile, the entry is removed instead.
 */
export class WriteThrough {
  constructor(private readonly parts: WriteParts) {}

  async run(key: string, write: () => unknown, options: StoreOptions): Promise<unknown> {
    const lease = await this.take(key);
    const startedAt = performance.now();
    const value = await this.writeUnder(lease, write);
    const encoded = value === undefined ? undefined : this.encode(key, value);
    if (encoded === undefined) {
      lease.release();
      return value;
    }
    lease.stopRenewing();
    const loadMs = performance.now() - startedAt;
    const stored = await this.parts.entries.fill(key, lease.token, encoded, { ...options, loadMs });
    if (!stored) await this.parts.entries.evict(key);
    return value;
  }

  private async take(key: string): Promise<FillLease> {
    const { entries, times } = this.parts;
    const token = randomUUID();
    await entries.lease(key, { token, purpose: 'put', leaseMs: times.leaseMs, channel: '', tags: [] });
    return new FillLease(entries, key, token, times);
  }

  private async writeUnder(lease: FillLease, write: () => unknown): Promise<unknown> {
    try {
      return await write();
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  private encode(key: string, value: unknown): ReturnType<Codec['encode']> | undefined {
    try {
      return this.parts.codec.encode(value);
    } catch (error) {
      this.parts.events.publish('cache:unsupported', { namespace: this.parts.name, key, error });
      return undefined;
    }
  }
}
