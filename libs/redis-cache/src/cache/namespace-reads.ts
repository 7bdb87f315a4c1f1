import type { StoredValue } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import { assertKey } from '../core/keys/index.js';
import type { CacheEntries } from './cache-entries.js';
import type { Absence } from './cache-loads.js';
import type { CacheReports } from './cache-reports.js';
import type { Deliveries } from './deliveries.js';
import type { OnError } from './cache.options.js';
import type { FillToken, LocalCopies } from './local-copies.js';

interface ReadParts {
  readonly entries: CacheEntries;
  readonly deliveries: Deliveries;
  readonly reports: CacheReports;
  /** Missing in a namespace without copies in memory. */
  readonly local?: LocalCopies | undefined;
  readonly onError: OnError;
}

const AWAITED =
  'An eviction by this process waits in its journal until Redis hears it: a read here is a miss, and what it loads is not stored.';
const OUTDATED =
  'It is older than the start of its server, and may have been evicted since it was written: a read is a miss and loads it anew.';

/** Reads of one namespace: from a copy in this process, or from Redis, unless an eviction says that it is not to be read. */
export class NamespaceReads {
  constructor(private readonly parts: ReadParts) {}

  /**
   * A read that fails does not throw: a copy or the source can answer, and an event tells. What a copy answers is there
   * at once, unless Redis was to be asked first.
   */
  read(key: string, from: 'nearest' | 'redis' = 'nearest'): Promise<StoredValue | Absence> | StoredValue {
    if (this.parts.deliveries.awaits(key)) return Promise.resolve(this.passedOver(key));
    const { local } = this.parts;
    if (local === undefined) return this.readFromRedis(key, from);
    const copy = from === 'nearest' ? local.find(key) : undefined;
    if (copy === undefined) return this.readFromRedis(key, from, this.beginCopy(key));
    this.parts.reports.hit(key, 'l1', () => this.parts.entries.ageMsOf(copy));
    return copy;
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    if (this.parts.deliveries.awaits(key)) return undefined;
    if (this.parts.deliveries.awaitTags && typeof (await this.read(key)) === 'string') return undefined;
    return this.parts.entries.remaining(key).catch((error: unknown) => {
      const stale = this.unanswered(key, error);
      return stale === 'failed' ? undefined : this.parts.entries.remainingOf(stale);
    });
  }

  /** Whether no eviction says that a value is not to be read. */
  admits(key: string, stored: StoredValue): boolean {
    return !this.parts.deliveries.awaits(key, stored) && !this.parts.deliveries.isOutdated(key, stored);
  }

  /** Why an entry that is fresh is not read here, as a sentence. */
  whyNot(key: string, stored: Pick<StoredValue, 'envelope'>): string | undefined {
    if (this.parts.deliveries.awaits(key, stored)) return AWAITED;
    return this.parts.deliveries.isOutdated(key, stored) ? OUTDATED : undefined;
  }

  private readFromRedis(key: string, from: 'nearest' | 'redis', token?: FillToken): Promise<StoredValue | Absence> {
    return this.parts.entries.fetch(key).then(
      (bytes) => this.found(key, bytes, token),
      (error: unknown) => {
        this.parts.local?.abandon(key, token);
        return from === 'nearest' ? this.unanswered(key, error) : this.tellFailure(key, error);
      },
    );
  }

  /** Before the read is sent. @throws InvalidKeyError, when nothing has begun */
  private beginCopy(key: string): FillToken | undefined {
    assertKey(key);
    return this.parts.local!.begin(key);
  }

  private found(key: string, bytes: Buffer | null, token: FillToken | undefined): StoredValue | Absence {
    const stored = bytes === null ? undefined : this.parts.reports.decoded(key, () => this.parts.entries.decode(bytes));
    const isFresh =
      stored !== undefined && this.parts.entries.isFresh(stored) && !this.parts.deliveries.isOutdated(key, stored);
    const isAwaited = isFresh && this.parts.deliveries.awaits(key, stored);
    this.parts.local?.settle(key, token, isFresh && !isAwaited ? { bytes: bytes!, stored } : undefined);
    if (isAwaited) return this.passedOver(key);
    if (!isFresh) {
      this.parts.reports.miss(key);
      return 'missed';
    }
    if (stored.isError === undefined) this.parts.reports.hit(key, 'redis', () => this.parts.entries.ageMsOf(stored));
    return stored;
  }

  /** What Redis has is not to be read until an eviction has been delivered. */
  private passedOver(key: string): 'failed' {
    this.parts.reports.miss(key);
    return 'failed';
  }

  /** What a copy answers in place of Redis, if it may. */
  private unanswered(key: string, error: unknown): StoredValue | 'failed' {
    const failed = this.tellFailure(key, error);
    const stale = this.parts.local?.findStale(key);
    if (stale === undefined) return failed;
    this.parts.reports.servedStale(key, this.parts.entries.ageMsOf(stale));
    return stale;
  }

  /** The cache did not help, and the caller can go on without it. Anything else than that is thrown on. */
  private tellFailure(key: string, error: unknown): 'failed' {
    if (!isRedisCacheError(error) || error.code === 'INVALID_KEY') throw error;
    this.parts.reports.failed('read', key, error);
    if (this.parts.onError === 'throw') throw error;
    return 'failed';
  }
}
