import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { Codec, EncodedValue, StoredValue } from '../core/codec/index.js';
import { groupBy, sum } from '../core/common/index.js';
import type { GuardedConnection, ServerLife } from '../core/connection/index.js';
import {
  evictEntries,
  explainEntry,
  fillEntry,
  incrementCounter,
  type LeaseReply,
  markEntryStale,
  pullEntry,
  releaseLease,
  remainingOfEntry,
  renewLease,
  setEntry,
  takeLease,
  touchEntry,
} from './cache.scripts.js';
import { type EntryExplanation, readExplanation, type WhyNot } from './entry-explanation.js';
import { evictOneByOne } from './evict-one-by-one.js';
import { joinKeys } from './key-list.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';

/** Who holds a lease, for people who look: host and process. */
const HOLDER = `${hostname()}:${process.pid}`;

/** So many keys at once that the script never holds Redis for a millisecond. */
export const SLICE = 250;

/** How a lease is asked for. */
export interface LeaseRequest {
  readonly token: string;
  /** `load`: an entry is the answer. `reload`: it is not. `put`: evict it, and void what is being loaded. */
  readonly purpose: 'load' | 'reload' | 'put';
  readonly leaseMs: number;
  /** Where this process is woken when a lease it found busy has ended. */
  readonly channel: string;
  readonly tags: readonly string[];
}

export interface StoreOptions {
  readonly ttlMs: number;
  readonly tags: readonly string[];
}

/** The entries and leases of one namespace in Redis: one method a script, no policy. */
export class CacheEntries {
  constructor(
    private readonly connection: Pick<GuardedConnection, 'clock' | 'fetch' | 'lifeOf' | 'run' | 'signals'>,
    private readonly codec: Codec,
    private readonly keys: NamespaceKeys,
    /** How long an index is kept after the last write; 0 = there is none. */
    private readonly indexTtlMs: number,
  ) {}

  /** The bytes of an entry, for {@link decode}. */
  fetch(key: string): Promise<Buffer | null> {
    return this.connection.fetch(this.keys.entryOf(key));
  }

  /** What is known of the server that has a key: another object means another life. */
  lifeOf(key: string): ServerLife | undefined {
    return this.connection.lifeOf(this.keys.entryOf(key));
  }

  /** @throws UndecodableError */
  decode(stored: Buffer): StoredValue {
    return this.codec.read(stored);
  }

  lease(key: string, { token, purpose, leaseMs, channel, tags }: LeaseRequest): Promise<LeaseReply> {
    return this.connection.run(takeLease, this.keys.of(key), {
      token,
      key,
      purpose,
      leaseMs,
      channel,
      publish: this.connection.signals.publishCommand,
      tags: tags.join('\0'),
      indexTtlMs: this.indexTtlMs,
      epoch: newEpoch(),
      holder: HOLDER,
      serverStart: this.serverStartOf(key),
    });
  }

  /** @returns whether the value was stored: it is refused when the lease was lost or a tag was invalidated since */
  async fill(
    key: string,
    token: string,
    encoded: EncodedValue,
    { ttlMs, tags, loadMs }: StoreOptions & { readonly loadMs: number },
  ): Promise<boolean> {
    const { clock } = this.connection;
    const startedAt = clock.start();
    const redisMs = await this.connection.run(fillEntry, this.keys.of(key), {
      token,
      key,
      ...this.bytesOf(encoded),
      ttlMs: toArgument(ttlMs),
      loadMs: Math.min(Math.round(loadMs), 2 ** 32 - 1),
      tags: tags.join('\0'),
      indexTtlMs: this.indexTtlFor(ttlMs),
    });
    if (redisMs !== undefined) clock.observe(redisMs, startedAt);
    return redisMs !== undefined;
  }

  release(key: string, token: string): Promise<boolean> {
    return this.connection.run(releaseLease, this.keys.of(key), { token });
  }

  renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return this.connection.run(renewLease, this.keys.of(key), { token, leaseMs });
  }

  /** @returns false when it should be stored only in the absence of an entry, and there was one */
  async set(
    key: string,
    encoded: EncodedValue,
    { ttlMs, tags, when }: StoreOptions & { readonly when: 'always' | 'absent' },
  ): Promise<boolean> {
    const { clock } = this.connection;
    const startedAt = clock.start();
    const redisMs = await this.connection.run(setEntry, this.keys.of(key), {
      key,
      ...this.bytesOf(encoded),
      ttlMs: toArgument(ttlMs),
      tags: tags.join('\0'),
      indexTtlMs: this.indexTtlFor(ttlMs),
      when,
      serverStart: this.serverStartOf(key),
    });
    if (redisMs !== undefined) clock.observe(redisMs, startedAt);
    return redisMs !== undefined;
  }

  /** Removes entries by their keys, and their leases. @returns how many there were */
  async evictMany(keys: Iterable<string>, settleMs = 0): Promise<number> {
    const byBucket = groupBy(new Set(keys), (key) => this.keys.bucketOf(key));
    const removed = await Promise.all([...byBucket].map(([bucket, some]) => this.evictIn(bucket, some, settleMs)));
    return sum(removed);
  }

  /** The same for keys of one bucket. */
  async evictIn(bucket: Bucket, keys: readonly (string | Buffer)[], settleMs = 0): Promise<number> {
    const { index, ...names } = bucket;
    let removed = 0;
    for (let at = 0; at < keys.length; at += SLICE) {
      const some = keys.slice(at, at + SLICE);
      const settling = { settleMs, epoch: newEpoch() };
      const evicted = await this.connection.run(
        evictEntries,
        { index },
        { ...names, keys: joinKeys(some), ...settling },
      );
      removed += evicted ?? (await evictOneByOne(this.connection, bucket, { keys: some, ...settling }));
    }
    return removed;
  }

  /** Takes the bytes of an entry out, for {@link decode}. @throws RedisUnavailableError when they may have been taken out */
  async pull(key: string): Promise<Buffer | null> {
    return this.connection.run(pullEntry, this.keys.of(key), { key, serverStart: this.serverStartOf(key) });
  }

  async markStale(key: string): Promise<boolean> {
    return this.connection.run(markEntryStale, this.keys.of(key), {});
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const counter = { key, by, ttlMs: toArgument(ttlMs), indexTtlMs: this.indexTtlFor(ttlMs) };
    return this.connection.run(incrementCounter, this.keys.of(key), counter);
  }

  async explain(key: string, whyNot: WhyNot): Promise<EntryExplanation> {
    return readExplanation(await this.connection.run(explainEntry, this.keys.of(key), {}), this.codec, whyNot);
  }

  async touch(key: string, ttlMs: number): Promise<boolean> {
    const ends = {
      ttlMs: toArgument(ttlMs),
      indexTtlMs: this.indexTtlFor(ttlMs),
      serverStart: this.serverStartOf(key),
    };
    return this.connection.run(touchEntry, this.keys.of(key), ends);
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.connection.run(remainingOfEntry, this.keys.of(key), { serverStart: this.serverStartOf(key) });
  }

  /** Whether an entry is fresh by Redis's clock. What has no envelope is fresh as long as it is there. */
  isFresh({ envelope }: StoredValue): boolean {
    return envelope === undefined || envelope.freshUntilMs > this.connection.clock.now();
  }

  /** How long an entry is still fresh, by Redis's clock. What has no envelope tells no end. */
  remainingOf({ envelope }: StoredValue): number | 'forever' {
    const endsAtMs = envelope?.freshUntilMs ?? Infinity;
    return Number.isFinite(endsAtMs) ? Math.max(0, Math.round(endsAtMs - this.connection.clock.now())) : 'forever';
  }

  /** How long ago an entry was written, by Redis's clock. */
  ageMsOf({ envelope }: StoredValue): number | undefined {
    return envelope && Math.max(0, Math.round(this.connection.clock.now() - envelope.createdAtMs));
  }

  /** What is older than this came from a file or from another server, and may have been evicted since. */
  private serverStartOf(key: string): number {
    return this.lifeOf(key)?.startedAtMs ?? 0;
  }

  private bytesOf({ flags, payload }: EncodedValue): { format: string; flags: number; payload: Buffer } {
    return { format: this.codec.format, flags, payload };
  }

  /** An index lives at least as long as the entries it lists. */
  private indexTtlFor(ttlMs: number): number {
    if (this.indexTtlMs === 0) return 0;
    return Number.isFinite(ttlMs) ? Math.max(this.indexTtlMs, ttlMs) : LONGEST_INDEX_TTL_MS;
  }
}

/** For an index with entries that stay forever; each write begins it anew. */
const LONGEST_INDEX_TTL_MS = 100 * 365 * 24 * 3_600_000;

/** A random number that tells one tag log from another that was lost. */
export function newEpoch(): number {
  return randomInt(1, 2 ** 47);
}

/** Scripts take 0 for "without an end". */
function toArgument(ttlMs: number): number {
  return Number.isFinite(ttlMs) ? ttlMs : 0;
}
