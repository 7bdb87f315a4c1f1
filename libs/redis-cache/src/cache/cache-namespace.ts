import { randomUUID } from 'node:crypto';
import type { StoredValue } from '../core/codec/index.js';
import { InvalidOptionError, isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import { assertKey, type Pattern } from '../core/keys/index.js';
import type { CacheEntries, StoreOptions } from './cache-entries.js';
import { type Absence, CacheLoads, type LoadRequest } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
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
import { type NamespaceParts, type NamespaceStorage, storageInRedis } from './namespace-storage.js';
import { NamespaceShape } from './namespace-shape.js';
import { WriteThrough, type WriteRequest } from './write-through.js';

/** Only one process builds an index at boot; after this time another may try. */
const BUILDER_MS = 60_000;

/** One namespace at work: reading, loading once, storing, evicting. Keys are whole keys of the namespace. */
export class CacheNamespace {
  private readonly deliveries: Deliveries;
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
    const admits = (key: string, stored: StoredValue): boolean => this.mayBeRead(key, stored);
    this.loads = new CacheLoads({ ...parts, leases, reports, admits });
    this.writes = new WriteThrough({ ...parts, leases, reports, evict: (key) => this.evict(key, {}) });
    const detach = (isCovered: (key: string) => boolean): void => this.loads.detach(isCovered);
    this.deliveries = new Deliveries({ ...parts, invalidation, redelivery, reports, detach });
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

  /** A read that fails does not throw: the source can answer, and an event tells. */
  async read(key: string): Promise<StoredValue | Absence> {
    if (this.deliveries.awaits(key)) return this.passedOver(key);
    return this.entries.fetch(key).then(
      (bytes) => this.found(key, bytes),
      (error: unknown) => this.tellFailure(key, error),
    );
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
    assertKey(key);
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
    return this.changeOnce(options.when === 'absent' ? 'add' : 'set', key, () =>
      this.entries.set(key, encoded, options),
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
    const bytes = await this.changeOnce('pull', key, () => this.entries.pull(key));
    if (bytes === null) return undefined;
    const stored = this.reports.decoded(key, () => this.entries.decode(bytes));
    return stored !== undefined && this.mayBeRead(key, stored) ? stored : undefined;
  }

  markStale(key: string): Promise<boolean> {
    return this.change(
      (other) => other === key,
      () => this.entries.markStale(key),
    );
  }

  increment(key: string, by: number, ttlMs: number): Promise<number> {
    return this.changeOnce('increment', key, () => this.entries.increment(key, by, ttlMs));
  }

  explain(key: string): Promise<EntryExplanation> {
    return this.entries.explain(key);
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
    if (value === undefined || codec.fidelity === 'exact') return value;
    return codec.decode(codec.encode(value));
  }

  /** @throws UnsupportedValueError */
  assertStorable(value: unknown): void {
    this.parts.codec.encode(value);
  }

  clear(): Promise<InvalidationResult> {
    return this.carryOut('all');
  }

  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.entries.touch(key, ttlMs);
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    if (this.deliveries.awaits(key)) return undefined;
    if (this.deliveries.awaitTags && typeof (await this.read(key)) === 'string') return undefined;
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
    const { connection, keys, hasIndex, wakeUps } = this.parts;
    const shape = new NamespaceShape(connection, keys, { hasIndex });
    // The boot stops, and Nest closes nothing of what it has begun.
    await shape.claim().catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
    await wakeUps.open();
    this.buildIndex().catch(() => undefined); // the first invalidation will do it
  }

  private async change<T>(isCovered: (key: string) => boolean, change: () => Promise<T>): Promise<T> {
    this.loads.detach(isCovered);
    try {
      return await change();
    } finally {
      this.loads.detach(isCovered);
    }
  }

  /** A change that may not be made twice. When it is not known whether it was made, nobody may read what lies there now. */
  private async changeOnce<T>(
    operation: 'set' | 'add' | 'pull' | 'increment',
    key: string,
    change: () => Promise<T>,
  ): Promise<T> {
    try {
      return await this.change((other) => other === key, change);
    } catch (error) {
      if (!mayHaveRun(error)) throw error;
      if (operation !== 'increment') this.deliveries.evictLater(key);
      throw operation === 'set' ? error : new UnknownOutcomeError(operation, key, { cause: error });
    }
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

  private mayBeRead(key: string, stored: StoredValue): boolean {
    return !this.deliveries.awaits(key, stored) && !this.deliveries.isOutdated(key, stored);
  }

  private found(key: string, bytes: Buffer | null): StoredValue | Absence {
    const stored = bytes === null ? undefined : this.reports.decoded(key, () => this.entries.decode(bytes));
    if (stored === undefined || !this.entries.isFresh(stored) || this.deliveries.isOutdated(key, stored)) {
      this.reports.miss(key);
      return 'missed';
    }
    if (this.deliveries.awaits(key, stored)) return this.passedOver(key);
    if (stored.isError === undefined) this.reports.hit(key, () => this.entries.ageMsOf(stored));
    return stored;
  }

  /** What Redis has is not to be read until an eviction has been delivered. */
  private passedOver(key: string): 'failed' {
    this.reports.miss(key);
    return 'failed';
  }

  /** The cache did not help, and the caller can go on without it. Anything else than that is thrown on. */
  private tellFailure(key: string, error: unknown): 'failed' {
    if (!isRedisCacheError(error) || error.code === 'INVALID_KEY') throw error;
    this.reports.failed('read', key, error);
    if (this.parts.onError === 'throw') throw error;
    return 'failed';
  }
}
