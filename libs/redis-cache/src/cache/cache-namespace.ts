import { randomUUID } from 'node:crypto';
import type { StoredValue } from '../core/codec/index.js';
import { InvalidOptionError, isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import { assertKey, type Pattern } from '../core/keys/index.js';
import type { CacheEntries, StoreOptions } from './cache-entries.js';
import { type Absence, CacheLoads, type LoadRequest } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import { type Coverage, coverageOfKey, EVERYTHING } from './coverage.js';
import type { EntryExplanation } from './entry-explanation.js';
import type { IndexRebuild } from './index-rebuild.js';
import {
  coverageOf,
  type InvalidationOptions,
  type InvalidationPlan,
  type InvalidationResult,
  type InvalidationTarget,
  planInvalidation,
  targetOf,
} from './invalidation-plan.js';
import type { Invalidation } from './invalidation.js';
import type { CacheKeyInfo, CacheKeysOptions, KeyListing } from './key-listing.js';
import type { FillToken, L1State } from './local-copies.js';
import { type NamespaceParts, type NamespaceStorage, storageInRedis } from './namespace-storage.js';
import { NamespaceShape } from './namespace-shape.js';
import { WriteThrough, type WriteRequest } from './write-through.js';

/** Only one process builds an index at boot; after this time another may try. */
const BUILDER_MS = 60_000;

/** One namespace at work: reading, loading once, storing, evicting. Keys are whole keys of the namespace. */
export class CacheNamespace {
  private readonly invalidation: Invalidation;
  private readonly entries: CacheEntries;
  private readonly loads: CacheLoads;
  private readonly writes: WriteThrough;
  private readonly reports: CacheReports;
  private readonly listing: KeyListing;
  /** Missing in a namespace without an index. */
  private readonly rebuild: IndexRebuild | undefined;
  private opening: Promise<void> | undefined;

  /** @param storage in Redis, unless told otherwise */
  constructor(
    private readonly parts: NamespaceParts,
    { entries, leases, invalidation, listing, rebuild }: NamespaceStorage = storageInRedis(parts),
  ) {
    const reports = new CacheReports(parts.events, parts.name);
    this.loads = new CacheLoads({ ...parts, leases, reports });
    this.writes = new WriteThrough({ ...parts, leases, entries, reports });
    this.invalidation = invalidation;
    this.listing = listing;
    this.rebuild = rebuild;
    this.entries = entries;
    this.reports = reports;
  }

  get name(): string {
    return this.parts.name;
  }

  get ttlMs(): number {
    return this.parts.ttlMs;
  }

  /** Checks the shape, listens for wake-ups, and sees in the background that the index is complete before it is needed. */
  open(): Promise<void> {
    this.opening ??= this.openOnce();
    return this.opening;
  }

  /** What the copies in this process have come to; `undefined` where there are none. */
  get l1(): L1State | undefined {
    return this.parts.local?.state;
  }

  /**
   * A read that fails does not throw: the source can answer, and an event tells. What a copy answers is there at once.
   */
  read(key: string, from: 'nearest' | 'redis' = 'nearest'): Promise<StoredValue | Absence> | StoredValue {
    const { local } = this.parts;
    if (local === undefined) return this.readFromRedis(key);
    const copy = from === 'nearest' ? local.find(key) : undefined;
    if (copy === undefined) return this.readFromRedis(key, this.beginCopy(key));
    this.reports.hit(key, 'l1', () => this.entries.ageMsOf(copy));
    return copy;
  }

  /** Loads a value that a read has not found, once in the whole cluster while the loader is quick, and stores it. */
  load(key: string, request: LoadRequest, absence: Absence): Promise<unknown> {
    return this.loads.load(key, request, { absence, readAgain: async () => this.read(key, 'redis') });
  }

  /** Loads anew, whatever there is, and replaces it. */
  reload(key: string, request: LoadRequest): Promise<unknown> {
    return this.around(coverageOfKey(key), () => this.loads.reload(key, request));
  }

  /** Loads anew behind the back of the readers, unless somebody is loading it. @returns whether a value was stored */
  refresh(key: string, request: LoadRequest): Promise<boolean> {
    assertKey(key);
    const refresh = (): Promise<boolean> => this.loads.refresh(key, request);
    return outsideOfRequests(() => this.around(coverageOfKey(key), refresh)).catch((error: unknown) => {
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
    return this.change(coverageOfKey(key), () => this.entries.set(key, encoded, options));
  }

  /** Writes to the source and then to the cache, under the lease of the key; see {@link WriteThrough}. */
  writeThrough(key: string, request: WriteRequest): Promise<unknown> {
    return this.change(coverageOfKey(key), () => this.writes.run(key, request));
  }

  async pull(key: string): Promise<StoredValue | undefined> {
    const bytes = await this.change(coverageOfKey(key), () => this.entries.pull(key));
    return bytes === null ? undefined : this.reports.decoded(key, () => this.entries.decode(bytes));
  }

  markStale(key: string): Promise<boolean> {
    return this.change(coverageOfKey(key), () => this.entries.markStale(key));
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    return this.change(coverageOfKey(key), () => this.entries.increment(key, by, ttlMs));
  }

  async explain(key: string): Promise<EntryExplanation> {
    const explanation = await this.entries.explain(key);
    const isCopied = explanation.tier === 'redis' && this.parts.local?.has(key) === true;
    return isCopied ? { ...explanation, tier: 'l1', why: 'It is fresh: a copy in this process answers.' } : explanation;
  }

  /** The keys a pattern matches, with what Redis keeps of each. */
  keys(pattern: Pattern, options: CacheKeysOptions): AsyncGenerator<CacheKeyInfo> {
    return this.listing.list(pattern, options);
  }

  async evict(key: string, options: InvalidationOptions): Promise<boolean> {
    return (await this.carryOut(this.plan({ keys: [key] }, options))).removed === 1;
  }

  async invalidate(target: InvalidationTarget, options: InvalidationOptions): Promise<InvalidationResult> {
    return this.carryOut(this.plan(target, options));
  }

  /** @throws InvalidOptionError, InvalidPatternError, InvalidKeyError */
  plan(target: InvalidationTarget, options: InvalidationOptions): InvalidationPlan {
    return planInvalidation(target, options, this.parts);
  }

  carryOut(plan: InvalidationPlan): Promise<InvalidationResult> {
    return this.change(coverageOf(plan), () => this.invalidation.run(plan));
  }

  /** Says that an eviction was not, or may not have been, carried out. */
  tellUndelivered(plan: InvalidationPlan | 'all', error: unknown): void {
    this.reports.undelivered(plan === 'all' ? plan : targetOf(plan), error);
  }

  /** A value as later callers would get it: not every serialiser keeps everything. */
  asStored(value: unknown): unknown {
    const { codec } = this.parts;
    if (value === undefined || !codec.givesCopies) return value;
    try {
      return codec.decode(codec.encode(value));
    } catch (error) {
      if (isRedisCacheError(error, 'UNSUPPORTED_VALUE')) return value;
      throw error;
    }
  }

  /** @throws UnsupportedValueError */
  assertStorable(value: unknown): void {
    this.parts.codec.encode(value);
  }

  clear(): Promise<InvalidationResult> {
    return this.change(EVERYTHING, () => this.invalidation.clear());
  }

  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.around(coverageOfKey(key), () => this.entries.touch(key, ttlMs));
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.entries.remaining(key).catch((error: unknown) => {
      this.tellFailure(key, error);
      return undefined;
    });
  }

  /** @throws InvalidOptionError when this namespace has no place for them */
  assertKeeps(option: 'tags' | 'tagsFrom' | 'cacheErrors'): void {
    const { codec, hasIndex, name } = this.parts;
    if (codec.format !== 'enveloped') {
      throw new InvalidOptionError(
        option,
        `cannot be kept by the serializer of the namespace "${name}". Use 'typed' or 'msgpack'.`,
      );
    }
    if (!hasIndex && option !== 'cacheErrors')
      throw new InvalidOptionError(option, `need an index, and the namespace "${name}" has none (index: false).`);
  }

  private async openOnce(): Promise<void> {
    const { connection, keys, hasIndex, wakeUps, local } = this.parts;
    const shape = new NamespaceShape(connection, keys, { hasIndex });
    // The boot stops, and Nest closes nothing of what it has begun.
    await shape.claim().catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
    await wakeUps.open();
    if (local !== undefined) await connection.tracking.open();
    this.buildIndex().catch(() => undefined); // the first invalidation will do it
  }

  private async change<T>(coverage: Coverage, change: () => Promise<T>): Promise<T> {
    this.loads.detach(coverage.covers);
    try {
      return await this.around(coverage, change);
    } finally {
      this.loads.detach(coverage.covers);
    }
  }

  /** Entries change, and loads of them stay what they are. */
  private around<T>(coverage: Coverage, change: () => Promise<T>): Promise<T> {
    const { local } = this.parts;
    return local === undefined ? change() : local.around(coverage, change);
  }

  private async buildIndex(): Promise<void> {
    if (this.rebuild === undefined) return;
    const { connection, keys } = this.parts;
    const { builder } = keys;
    const mine = await connection.send((client) => client.set(builder, randomUUID(), 'PX', BUILDER_MS, 'NX'), {
      resend: 'never',
    });
    if (mine === null) return;
    await this.rebuild.run().finally(() => connection.send((client) => client.unlink(builder), { resend: 'safe' }));
  }

  private readFromRedis(key: string, token?: FillToken): Promise<StoredValue | Absence> {
    return this.entries.fetch(key).then(
      (bytes) => this.found(key, bytes, token),
      (error: unknown) => {
        this.parts.local?.settle(key, token);
        return this.tellFailure(key, error);
      },
    );
  }

  /** Before the read is sent. @throws InvalidKeyError, when nothing has begun */
  private beginCopy(key: string): FillToken | undefined {
    assertKey(key);
    return this.parts.local!.begin(key);
  }

  private found(key: string, bytes: Buffer | null, token: FillToken | undefined): StoredValue | 'missed' {
    const stored = bytes === null ? undefined : this.reports.decoded(key, () => this.entries.decode(bytes));
    const isFresh = stored !== undefined && this.entries.isFresh(stored);
    this.parts.local?.settle(key, token, isFresh ? { bytes: bytes!, stored } : undefined);
    if (!isFresh) {
      this.reports.miss(key);
      return 'missed';
    }
    if (stored.isError === undefined) this.reports.hit(key, 'redis', () => this.entries.ageMsOf(stored));
    return stored;
  }

  /** The cache did not help, and the caller can go on without it. Anything else than that is thrown on. */
  private tellFailure(key: string, error: unknown): 'failed' {
    if (!isRedisCacheError(error) || error.code === 'INVALID_KEY') throw error;
    this.reports.failed('read', key, error);
    return 'failed';
  }
}
