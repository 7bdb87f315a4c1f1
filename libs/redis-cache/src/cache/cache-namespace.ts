import { randomUUID } from 'node:crypto';
import type { Codec, StoredValue } from '../core/codec/index.js';
import { InvalidOptionError, isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import type { Pattern } from '../core/keys/index.js';
import { CacheEntries, type StoreOptions } from './cache-entries.js';
import { type Absence, CacheLoads, type LoadRequest, type LoadTimes } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import type { CacheEvents } from './cache.events.js';
import type { EntryExplanation } from './entry-explanation.js';
import { FillLeases } from './fill-leases.js';
import { IndexRebuild } from './index-rebuild.js';
import { IndexWalk, keysThatBeginWith } from './index-walk.js';
import { coverageOf, Invalidation, type InvalidationResult, type InvalidationTarget } from './invalidation.js';
import type { NamespaceKeys } from './namespace-keys.js';
import type { WakeUps } from './wake-ups.js';
import { WriteThrough, type WriteRequest } from './write-through.js';

export interface NamespaceParts {
  readonly name: string;
  readonly ttlMs: number;
  readonly connection: RedisConnection;
  readonly codec: Codec;
  readonly keys: NamespaceKeys;
  readonly wakeUps: WakeUps;
  readonly events: EventBus<CacheEvents>;
  readonly times: LoadTimes & { readonly indexTtlMs: number };
}

/** What Redis keeps of an entry. */
export interface CacheKeyInfo {
  readonly key: string;
  /** Milliseconds until Redis forgets it. */
  readonly ttl: number | 'forever';
  /** Bytes in Redis, header included. */
  readonly bytes: number;
}

const READ = { resend: 'safe' } as const;

/** Only one process builds an index at boot; after this time another may try. */
const BUILDER_MS = 60_000;

/** One namespace at work: reading, loading once, storing, evicting. Keys are whole keys of the namespace. */
export class CacheNamespace {
  private readonly walk: IndexWalk;
  private readonly invalidation: Invalidation;
  private readonly entries: CacheEntries;
  private readonly loads: CacheLoads;
  private readonly rebuild: IndexRebuild;
  private readonly writes: WriteThrough;
  private readonly reports: CacheReports;

  constructor(private readonly parts: NamespaceParts) {
    const { name, connection, codec, keys, events, times } = parts;
    this.entries = new CacheEntries(connection, codec, keys, times.indexTtlMs);
    this.reports = new CacheReports(events, name);
    const leases = new FillLeases({ ...parts, entries: this.entries, reports: this.reports });
    this.loads = new CacheLoads({ ...parts, leases, reports: this.reports });
    this.writes = new WriteThrough({ ...parts, leases, entries: this.entries, reports: this.reports });
    const { indexTtlMs } = times;
    this.rebuild = new IndexRebuild(connection, keys, events, { namespace: name, indexTtlMs, format: codec.format });
    this.walk = new IndexWalk(connection, keys, this.rebuild);
    this.invalidation = new Invalidation({ namespace: name, connection, keys, walk: this.walk, events });
  }

  get name(): string {
    return this.parts.name;
  }

  get ttlMs(): number {
    return this.parts.ttlMs;
  }

  /** Listens for wake-ups, and sees to it in the background that the index is complete before somebody needs it. */
  async open(): Promise<void> {
    await this.parts.wakeUps.open();
    this.buildIndex().catch(() => undefined); // the first invalidation will do it
  }

  /** A read that fails does not throw: the source can answer, and an event tells. */
  async read(key: string): Promise<StoredValue | Absence> {
    try {
      const bytes = await this.entries.fetch(key);
      const stored = bytes === null ? undefined : this.reports.decoded(key, () => this.entries.decode(bytes));
      if (stored !== undefined && this.entries.isFresh(stored)) return this.tellHit(key, stored);
    } catch (error) {
      return this.tellFailure(key, error);
    }
    this.reports.miss(key);
    return 'missed';
  }

  /** Loads a value that a read has not found, once in the whole cluster while the loader is quick, and stores it. */
  load(key: string, request: LoadRequest, absence: Absence): Promise<unknown> {
    return this.loads.load(key, request, { absence, readAgain: () => this.read(key) });
  }

  /** Loads anew, whatever there is, and replaces it. */
  reload(key: string, request: LoadRequest): Promise<unknown> {
    return this.loads.reload(key, request);
  }

  /** Loads anew behind the back of the readers, unless somebody is loading it. @returns whether a value was stored */
  refresh(key: string, request: LoadRequest): Promise<boolean> {
    return outsideOfRequests(() => this.loads.refresh(key, request)).catch((error: unknown) => {
      this.parts.events.publish('cache:refresh-failed', { namespace: this.name, key, error });
      return false;
    });
  }

  /** @throws UnsupportedValueError, and whatever kept Redis from storing it */
  async set(
    key: string,
    value: unknown,
    options: StoreOptions & { readonly when: 'always' | 'absent' },
  ): Promise<boolean> {
    const encoded = this.parts.codec.encode(value);
    return this.change(
      (other) => other === key,
      () => this.entries.set(key, encoded, options),
    );
  }

  /** Writes to the source and then to the cache, under the lease of the key; see {@link WriteThrough}. */
  writeThrough(key: string, request: WriteRequest): Promise<unknown> {
    return this.change(
      (other) => other === key,
      () => this.writes.run(key, request),
    );
  }

  async pull(key: string): Promise<StoredValue | undefined> {
    const bytes = await this.change(
      (other) => other === key,
      () => this.entries.pull(key),
    );
    return bytes === null ? undefined : this.reports.decoded(key, () => this.entries.decode(bytes));
  }

  markStale(key: string): Promise<boolean> {
    return this.change(
      (other) => other === key,
      () => this.entries.markStale(key),
    );
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    return this.change(
      (other) => other === key,
      () => this.entries.increment(key, by, ttlMs),
    );
  }

  explain(key: string): Promise<EntryExplanation> {
    return this.entries.explain(key);
  }

  /** The keys a pattern matches, with what Redis keeps of each. */
  async *keys(pattern: Pattern): AsyncGenerator<CacheKeyInfo> {
    const { connection, keys } = this.parts;
    for await (const slice of this.walk.keysIn(keysThatBeginWith(pattern.literalPrefix))) {
      const matching = slice.filter((key) => pattern.matches(key));
      const infos = matching.map(async (key) => {
        const entry = keys.entryOf(key);
        const [ttl, bytes] = await connection.send(
          (client) => Promise.all([client.pttl(entry), client.strlen(entry)]),
          READ,
        );
        return { key, ttl: ttl === -1 ? ('forever' as const) : ttl, bytes };
      });
      for (const info of await Promise.all(infos)) if (info.ttl === 'forever' || info.ttl >= 0) yield info;
    }
  }

  evict(key: string): Promise<boolean> {
    return this.change(
      (other) => other === key,
      () => this.entries.evict(key),
    );
  }

  invalidate(target: InvalidationTarget): Promise<InvalidationResult> {
    const isCovered = coverageOf(target);
    return this.change(isCovered, () => this.invalidation.run(target));
  }

  async clear(): Promise<InvalidationResult> {
    const removed = await this.change(
      () => true,
      () => this.walk.evictAll(),
    );
    return { removed, delivered: true };
  }

  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.entries.touch(key, ttlMs);
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.entries.remaining(key).catch((error: unknown) => {
      this.tellFailure(key, error);
      return undefined;
    });
  }

  /** @throws InvalidOptionError when the serialiser of this namespace has no room for what is asked for */
  assertKeeps(option: 'tags' | 'tagsFrom'): void {
    if (this.parts.codec.format === 'enveloped') return;
    throw new InvalidOptionError(
      option,
      `cannot be kept by the serializer of the namespace "${this.name}". Use 'typed' or 'msgpack'.`,
    );
  }

  private async change<T>(isCovered: (key: string) => boolean, change: () => Promise<T>): Promise<T> {
    this.loads.detach(isCovered);
    try {
      return await change();
    } finally {
      this.loads.detach(isCovered);
    }
  }

  private async buildIndex(): Promise<void> {
    const { connection, keys } = this.parts;
    const builder = `${keys.buckets[0]!.index}builder`;
    const mine = await connection.send((client) => client.set(builder, randomUUID(), 'PX', BUILDER_MS, 'NX'), {
      resend: 'never',
    });
    if (mine === null) return;
    await this.rebuild.run();
    await connection.send((client) => client.unlink(builder), { resend: 'safe' });
  }

  private tellHit(key: string, stored: StoredValue): StoredValue {
    this.reports.hit(key, () => this.entries.ageMsOf(stored));
    return stored;
  }

  /** The cache did not help, and the caller can go on without it. Anything else than that is thrown on. */
  private tellFailure(key: string, error: unknown): 'failed' {
    if (!isRedisCacheError(error) || error.code === 'INVALID_KEY') throw error;
    this.reports.failed('read', key, error);
    return 'failed';
  }
}
