import { randomUUID } from 'node:crypto';
import type { StoredValue } from '../core/codec/index.js';
import { InvalidOptionError, isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import { assertKey, type Pattern } from '../core/keys/index.js';
import type { CacheEntries, StoreOptions } from './cache-entries.js';
import { type Absence, CacheLoads, type LoadRequest } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import { type Coverage, coverageOfKey } from './coverage.js';
import type { EntryExplanation } from './entry-explanation.js';
import type { IndexRebuild } from './index-rebuild.js';
import type { CacheHealth } from './cache-health.js';
import { UnknownOutcomeError } from './cache.errors.js';
import { Deliveries } from './deliveries.js';
import {
  type InvalidationOptions,
  type InvalidationPlan,
  type InvalidationResult,
  type InvalidationTarget,
  planInvalidation,
} from './invalidation-plan.js';
import { mayHaveRun } from './left-undone.js';
import type { CacheKeyInfo, CacheKeysOptions, KeyListing } from './key-listing.js';
import type { L1State } from './local-copies.js';
import { type NamespaceParts, type NamespaceStorage, storageInRedis } from './namespace-storage.js';
import { NamespaceReads } from './namespace-reads.js';
import { NamespaceShape } from './namespace-shape.js';
import { WriteThrough, type WriteRequest } from './write-through.js';

/** Only one process builds an index at boot; after this time another may try. */
const BUILDER_MS = 60_000;

/** One namespace at work: reading, loading once, storing, evicting. Keys are whole keys of the namespace. */
export class CacheNamespace {
  private readonly deliveries: Deliveries;
  private readonly reads: NamespaceReads;
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
    { entries, leases, invalidation, redelivery, listing, rebuild }: NamespaceStorage = storageInRedis(parts),
  ) {
    const reports = new CacheReports(parts.events, parts.name);
    const admits = (key: string, stored: StoredValue): boolean => this.reads.admits(key, stored);
    this.loads = new CacheLoads({ ...parts, leases, reports, admits });
    this.writes = new WriteThrough({ ...parts, leases, reports, evict: (key) => this.evict(key, {}) });
    const detach = (coverage: Coverage): void => this.detach(coverage);
    this.deliveries = new Deliveries({ ...parts, invalidation, redelivery, reports, detach });
    this.reads = new NamespaceReads({ ...parts, entries, reports, deliveries: this.deliveries });
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
    return this.reads.read(key, from);
  }

  /** How long an entry is fresh. */
  remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.reads.remaining(key);
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
    return this.changeOnce(options.when === 'absent' ? 'add' : 'set', key, () =>
      this.entries.set(key, encoded, options),
    );
  }

  /** Writes to the source and then to the cache, under the lease of the key; see {@link WriteThrough}. */
  writeThrough(key: string, request: WriteRequest): Promise<unknown> {
    return this.change(coverageOfKey(key), () => this.writes.run(key, request));
  }

  async pull(key: string): Promise<StoredValue | undefined> {
    const bytes = await this.changeOnce('pull', key, () => this.entries.pull(key));
    if (bytes === null) return undefined;
    const stored = this.reports.decoded(key, () => this.entries.decode(bytes));
    return stored !== undefined && this.reads.admits(key, stored) ? stored : undefined;
  }

  markStale(key: string): Promise<boolean> {
    return this.change(coverageOfKey(key), () => this.entries.markStale(key));
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    return this.changeOnce('increment', key, () => this.entries.increment(key, by, ttlMs));
  }

  async explain(key: string): Promise<EntryExplanation> {
    const explanation = await this.entries.explain(key, (stored) => this.reads.whyNot(key, stored));
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

  /** @throws UndeliveredEvictionError with `onUndelivered: 'throw'` */
  carryOut(plan: InvalidationPlan | 'all'): Promise<InvalidationResult> {
    return this.deliveries.carryOut(plan);
  }

  get health(): CacheHealth {
    return this.deliveries.health;
  }

  /** Ends what goes on in the background. @returns how many evictions were not delivered, and are lost */
  close(): number {
    return this.deliveries.stop();
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
    return this.carryOut('all');
  }

  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.around(coverageOfKey(key), () => this.entries.touch(key, ttlMs));
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
    this.detach(coverage);
    try {
      return await change();
    } finally {
      this.detach(coverage);
    }
  }

  /** What is loaded or read from now on does not join, or answer from, what was there before. */
  protected detach(coverage: Coverage): void {
    this.loads.detach(coverage.covers);
    this.parts.local?.drop(coverage);
  }

  /** A change that may not be made twice. When it is not known whether it was made, nobody may read what lies there now. */
  private async changeOnce<T>(
    operation: 'set' | 'add' | 'pull' | 'increment',
    key: string,
    change: () => Promise<T>,
  ): Promise<T> {
    try {
      return await this.change(coverageOfKey(key), change);
    } catch (error) {
      if (!mayHaveRun(error)) throw error;
      if (operation !== 'increment') this.deliveries.evictLater(key);
      throw operation === 'set' ? error : new UnknownOutcomeError(operation, key, { cause: error });
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
}
