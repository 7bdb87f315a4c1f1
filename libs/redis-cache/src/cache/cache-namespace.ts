import { performance } from 'node:perf_hooks';
import type { Codec, EncodedValue, StoredValue } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import type { CacheEntries } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { SingleFlight } from './single-flight.js';

/** What a load gave: the value, and the form in which it is stored, if it has one. */
interface Load {
  readonly value: unknown;
  readonly encoded?: EncodedValue;
  readonly loadMs: number;
}

/** One namespace at work: reading, loading once, storing, removing. Keys are whole keys of the namespace. */
export class CacheNamespace {
  private readonly loads = new SingleFlight<Load>();
  private readonly stores = new Map<string, Promise<unknown>>();

  constructor(
    readonly name: string,
    readonly ttlMs: number,
    private readonly entries: CacheEntries,
    private readonly codec: Codec,
    private readonly events: EventBus<CacheEvents>,
  ) {}

  /** A read that fails is a miss: the database can answer, and an event tells. */
  async read(key: string): Promise<StoredValue | undefined> {
    try {
      const bytes = await this.entries.fetch(key);
      if (bytes !== null) return this.tellHit(key, this.entries.decode(bytes));
    } catch (error) {
      this.tellFailure('read', key, error);
    }
    if (this.events.isHeard('cache:miss')) this.events.publish('cache:miss', { namespace: this.name, key });
    return undefined;
  }

  /** Loads a value once for all callers of this process that ask at the same time, and stores it. */
  async load(key: string, load: () => unknown, ttlMs: number): Promise<unknown> {
    const justStored = await this.awaitStore(key);
    if (justStored !== undefined) return justStored.value;
    const { result, role } = await this.loads.run(key, () => this.runLoader(key, load));
    if (role === 'joiner') return this.copyForJoiner(result, load);
    const { value, encoded, loadMs } = result;
    if (encoded === undefined) return value;
    await this.storeLoaded(key, this.entries.write(key, encoded, { ttlMs, loadMs }));
    return this.codec.fidelity === 'exact' ? value : this.codec.decode(encoded);
  }

  /** @throws UnsupportedValueError, and whatever kept Redis from storing it */
  async store(key: string, value: unknown, ttlMs: number): Promise<void> {
    const encoded = this.codec.encode(value);
    await this.change(key, () => this.entries.write(key, encoded, { ttlMs, loadMs: 0 }));
  }

  remove(key: string): Promise<boolean> {
    return this.change(key, () => this.entries.remove(key));
  }

  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.entries.touch(key, ttlMs);
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.entries.remaining(key).catch((error: unknown) => this.tellFailure('read', key, error));
  }

  /** A load that began before a change must not answer those who ask after it. */
  private async change<T>(key: string, change: () => Promise<T>): Promise<T> {
    this.loads.detach(key);
    try {
      return await change();
    } finally {
      this.loads.detach(key);
    }
  }

  /** Keeps the writing of a loaded value in sight of those who missed just before it. */
  private async storeLoaded(key: string, write: Promise<void>): Promise<void> {
    const store = write.catch((error: unknown) => this.tellFailure('store', key, error));
    this.stores.set(key, store);
    await store;
    if (this.stores.get(key) === store) this.stores.delete(key);
  }

  /** Whoever missed while a value was being stored reads it, by a read of its own: a change may have come in between. */
  private async awaitStore(key: string): Promise<StoredValue | undefined> {
    const store = this.stores.get(key);
    if (store === undefined) return undefined;
    await store;
    return this.read(key);
  }

  private async runLoader(key: string, load: () => unknown): Promise<Load> {
    const startedAt = performance.now();
    const value = await load();
    const loadMs = performance.now() - startedAt;
    if (value === undefined) return { value, loadMs };
    try {
      return { value, encoded: this.codec.encode(value), loadMs };
    } catch (error) {
      this.events.publish('cache:unsupported', { namespace: this.name, key, error });
      return { value, loadMs };
    }
  }

  /** Nobody may hold an object that another caller could change. */
  private async copyForJoiner({ value, encoded }: Load, load: () => unknown): Promise<unknown> {
    if (encoded !== undefined) return this.codec.decode(encoded);
    return value === undefined ? undefined : load();
  }

  private tellHit(key: string, stored: StoredValue): StoredValue {
    if (!this.events.isHeard('cache:hit')) return stored;
    const ageMs = this.entries.ageMsOf(stored);
    this.events.publish('cache:hit', { namespace: this.name, key, ...(ageMs === undefined ? {} : { ageMs }) });
    return stored;
  }

  /** The cache did not help, and the caller can go on without it. Anything else than that is thrown on. */
  private tellFailure(operation: 'read' | 'store', key: string, error: unknown): undefined {
    if (!isRedisCacheError(error) || error.code === 'INVALID_KEY') throw error;
    const event = { namespace: this.name, key, error };
    if (error.code === 'UNDECODABLE') this.events.publish('cache:undecodable', event);
    else this.events.publish('cache:failed', { ...event, operation });
    return undefined;
  }
}
