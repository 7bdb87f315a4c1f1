import type { OnModuleInit } from '@nestjs/common';
import { refuse, type Ttl } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { Pattern } from '../core/keys/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheNamespaces, NamespaceTraits } from './cache-namespaces.js';
import type { CacheHealth } from './cache-health.js';
import type { CacheLoadOptions, CacheReadOptions, CacheResultOptions, CacheSetOptions } from './cache.options.js';
import { CacheRequests, type CacheValue, defined } from './cache-requests.js';
import { type CacheSpace, readOrLoad, valueIn } from './cache-space.js';
import type { EntryExplanation } from './entry-explanation.js';
import { distinct, inBatches } from './in-batches.js';
import { KeyPrefix } from './key-prefix.js';
import type { L1State } from './local-copies.js';
import type { CacheKeyInfo, CacheKeysOptions } from './key-listing.js';
import type { InvalidationOptions, InvalidationResult, InvalidationTarget } from './invalidation-plan.js';

/**
 * A cache in Redis. Injected by its class it works in the namespace `default`; `@InjectCache('products')` and
 * `namespace('products')` give the same API in a namespace of its own.
 *
 * When Redis is away, reads behave as on a miss, evictions are noted and repeated until they are delivered, and what would
 * store something rejects.
 */
export class CacheService implements OnModuleInit {
  private readonly home: CacheNamespace;
  private readonly connection: Pick<RedisConnection, 'open' | 'ping'>;
  private readonly requests: CacheRequests;

  constructor(
    private readonly namespaces: CacheNamespaces,
    private readonly name: string,
    private readonly prefix = new KeyPrefix(''),
  ) {
    const { namespace, connection } = namespaces.open(name);
    this.home = namespace;
    this.connection = connection;
    this.requests = new CacheRequests(namespace);
  }

  /** Opens the connection, so that the first request does not wait for it. */
  async onModuleInit(): Promise<void> {
    await this.connection.open();
    await this.home.open();
  }

  /** The value of a key, or `undefined` when there is none. A stored `null` comes back as `null`. */
  async get<T>(key: string, options: CacheReadOptions = {}): Promise<T | undefined> {
    const read = this.space.read(this.prefix.add(key), this.requests.sourceOf(options));
    return valueIn(read instanceof Promise ? await read : read)?.value as T | undefined;
  }

  /**
   * States that this is the value now; the last arrival wins.
   * @throws UnsupportedValueError for `undefined`, and for values that would not come back as they are
   * @throws RedisUnavailableError, CommandTimeoutError, RedisReplyError when it was not, or may not have been, stored
   */
  async set<T extends CacheValue>(key: string, value: T, options: CacheSetOptions = {}): Promise<void> {
    await this.space.set(this.prefix.add(key), defined(value), { ...this.requests.store(options), when: 'always' });
  }

  /** Stores a value if there is none. @returns whether it was stored */
  async add<T extends CacheValue>(key: string, value: T, options: CacheSetOptions = {}): Promise<boolean> {
    return this.space.set(this.prefix.add(key), defined(value), { ...this.requests.store(options), when: 'absent' });
  }

  /**
   * The value of a key; when there is none, what `load` gives, which is then stored. Callers who ask at the same time,
   * in all processes, share one load, and each gets a copy of its own. What `load` throws is thrown to the callers of
   * this process and not stored, unless `cacheErrors` names it; `undefined` is returned and never stored.
   * @example const product = await cache.getOrSet(`product:${id}`, () => this.products.findOneBy({ id }), { ttl: '10m' });
   */
  async getOrSet<T>(key: string, load: () => Promise<T> | T, options: CacheLoadOptions<T> = {}): Promise<T> {
    const request = this.requests.loadRequestOf(load, options);
    const whole = this.prefix.add(key);
    return (await (options.fresh === true
      ? this.space.reload(whole, request)
      : readOrLoad(this.space, whole, request))) as T;
  }

  /**
   * Loads a value anew in the background, unless somebody, in any process, is loading it already; until it is stored,
   * readers get what is there. It never rejects because of `load`: a `cache:refresh-failed` event tells what it threw.
   * `load` runs outside the caller's request (its AsyncLocalStorage contexts).
   * @returns whether a value was stored
   */
  async refresh<T>(key: string, load: () => Promise<T> | T, options: CacheResultOptions<T> = {}): Promise<boolean> {
    return this.space.refresh(this.prefix.add(key), this.requests.loadRequestOf(load, options));
  }

  /**
   * Writes to the source and stores the result: `write` runs while the key is held, so that no reader stores anything
   * older behind it. If somebody evicts or writes the key meanwhile, the entry is removed instead. What `write`
   * throws is thrown, and the key stays evicted. When Redis cannot be reached, `write` is not run.
   *
   * @example await cache.writeThrough(id, () => this.products.save(product), { ttl: '10m' });
   */
  async writeThrough<T>(key: string, write: () => Promise<T> | T, options: CacheResultOptions<T> = {}): Promise<T> {
    const { storedAs } = this.requests.loadRequestOf(write, options);
    return (await this.space.writeThrough(this.prefix.add(key), { write, storedAs })) as T;
  }

  /**
   * A function that answers from the cache: `getOrSet` with the key made of its arguments.
   *
   * @example const rateOf = cache.wrap((currency: string) => fetchRate(currency), { key: (currency) => `rate:${currency}` });
   */
  wrap<Args extends readonly unknown[], T>(
    load: (...args: Args) => Promise<T> | T,
    { key, ...options }: CacheLoadOptions<T> & { readonly key: (...args: Args) => string },
  ): (...args: Args) => Promise<T> {
    return async (...args) => this.getOrSet(key(...args), () => load(...args), options);
  }

  /**
   * Loads what is not there yet, 20 at a time. All are tried before the first failure is thrown.
   * @example await cache.warm('products', ids.map((id) => [id, () => this.products.load(id)]), { ttl: '1h' });
   */
  async warm<T>(
    namespace: string,
    entries: Iterable<readonly [key: string, load: () => Promise<T> | T]>,
    options: CacheLoadOptions<T> = {},
  ): Promise<void> {
    const cache = this.namespace(namespace);
    await inBatches([...entries], ([key, load]) => cache.getOrSet(key, load, options), { atOnce: 20 });
  }

  /** Takes a value out: returns it, and removes it in the same step. */
  async pull<T>(key: string): Promise<T | undefined> {
    return (await this.space.pull(this.prefix.add(key)))?.value as T | undefined;
  }

  /** Ends the freshness of an entry now. @returns false when there is none */
  async markStale(key: string): Promise<boolean> {
    return this.space.markStale(this.prefix.add(key));
  }

  /**
   * Adds to a counter, which `get` reads as a number. One that is not there begins at 0, with `ttl`; later calls leave
   * its end where it is.
   */
  async increment(key: string, by = 1, { ttl }: Pick<CacheSetOptions, 'ttl'> = {}): Promise<number> {
    if (!Number.isSafeInteger(by)) refuse('by', 'a whole number', by);
    return this.home.increment(this.prefix.add(key), by, this.requests.ttlMsOf(ttl));
  }

  /** Why a read of a key would hit or miss now, and who is loading it. */
  async explain(key: string): Promise<EntryExplanation> {
    return this.home.explain(this.prefix.add(key));
  }

  /** The keys that a pattern matches, without their values. Walks over the index in slices; keys may come twice. */
  async *keys(pattern = '*', options: CacheKeysOptions = {}): AsyncGenerator<CacheKeyInfo> {
    const { prefix } = this;
    for await (const info of this.home.keys(Pattern.parse(prefix.addToPattern(pattern)), options)) {
      yield { ...info, key: prefix.removeFrom(info.key) };
    }
  }

  /** How many entries there are: counted by a walk over the index. */
  async size(): Promise<number> {
    let size = 0;
    for await (const _ of this.keys()) size += 1;
    return size;
  }

  /** Whether there is a fresh entry, be it `null`. */
  async has(key: string): Promise<boolean> {
    return (await this.space.remaining(this.prefix.add(key))) !== undefined;
  }

  /**
   * Removes a key. @param options `settle`: see {@link InvalidationOptions}
   * @returns whether there was one; false also when Redis was away, and it will be removed later
   */
  async delete(key: string, options: Pick<InvalidationOptions, 'settle'> = {}): Promise<boolean> {
    return this.space.evict(this.prefix.add(key), options);
  }

  /** How long an entry is still fresh: milliseconds, `'forever'`, or `undefined` when there is none. */
  async ttl(key: string): Promise<number | 'forever' | undefined> {
    return this.space.remaining(this.prefix.add(key));
  }

  /**
   * Gives an entry a new time to live, counted from now. @param ttl @default the namespace's ttl
   * @returns false when there is no entry
   */
  async touch(key: string, ttl?: Ttl): Promise<boolean> {
    return this.home.touch(this.prefix.add(key), this.requests.ttlMsOf(ttl));
  }

  /** The values of those keys that have one, in one round trip for every 500 (on a cluster, to each node). */
  async getMany<T>(keys: Iterable<string>): Promise<Map<string, T>> {
    const unique = distinct(keys);
    const hits = (await inBatches(unique, (key) => this.space.read(this.prefix.add(key)))).map(valueIn);
    return new Map(unique.flatMap((key, at) => (hits[at] === undefined ? [] : [[key, hits[at].value as T] as const])));
  }

  /** Stores several values, each on its own: all are tried before the first refusal is thrown. */
  async setMany<T extends CacheValue>(
    entries: Iterable<readonly [key: string, value: T]>,
    options: CacheSetOptions = {},
  ): Promise<void> {
    await inBatches([...entries], ([key, value]) => this.set(key, value, options));
  }

  /** Removes several keys, each on its own. @returns how many there were */
  async deleteMany(keys: Iterable<string>): Promise<number> {
    const removed = await inBatches(distinct(keys), (key) => this.delete(key));
    return removed.filter(Boolean).length;
  }

  /**
   * Removes entries by key, pattern and tag, and voids what is being loaded for them: when it has resolved as `delivered`,
   * no read that starts afterwards, in any process, returns a value whose load began before.
   *
   * @example await cache.invalidate('product:*');
   * @example await cache.invalidate({ keys: ['front'], tags: ['category:tea'] });
   * @example await cache.invalidate({ tags: ['category:tea'] }, { settle: '500ms' }); // the source is a replica
   */
  async invalidate(target: string | InvalidationTarget, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.space.invalidate(this.prefix.addToTarget(target), options ?? {});
  }

  /** Removes all entries of the namespace; with a prefix, all that begin with it. */
  async clear(): Promise<InvalidationResult> {
    return this.prefix.text === '' ? this.space.clear() : this.invalidate('*');
  }

  /** Clears every namespace of this application. Keys of others are left alone. */
  async clearAll(): Promise<InvalidationResult> {
    return this.namespaces.clearAll();
  }

  /**
   * Runs `work`, in which reads find nothing and loads are neither shared nor stored. Changes go through.
   *
   * @example const report = await cache.bypass(() => this.products.statistics());
   */
  bypass<T>(work: () => T): T {
    return this.namespaces.scopes.bypass(work);
  }

  /**
   * Runs a transaction of the source. Its evictions, in all namespaces, are carried out when it settles, also when it
   * throws; until then they resolve as `deferred`, and the values they cover are not read here. Nothing that is loaded
   * inside is stored, and `set`, `add` and `writeThrough` become evictions.
   *
   * @example await cache.unitOfWork(() => this.dataSource.transaction((manager) => this.move(manager, order)));
   */
  unitOfWork<T>(work: () => Promise<T> | T): Promise<T> {
    return this.namespaces.scopes.unitOfWork(work);
  }

  /** Whether Redis (on a cluster: every primary) answers within `commandTimeout`. */
  isHealthy(): Promise<boolean> {
    const answered = this.connection.ping().then(() => true);
    return answered.catch(() => false);
  }

  /** Whether servers answer, and whether evictions wait to be delivered, as far as is known without asking. */
  health(): CacheHealth {
    return this.home.health;
  }

  /**
   * The same API in another namespace. Keys of different namespaces never meet.
   * @throws UnknownNamespaceError when nobody has declared it
   */
  namespace(name: string): CacheService {
    return this.sibling(name, new KeyPrefix(''));
  }

  /** The same namespace, with `prefix` put before every key: `withPrefix('eu:').get('1')` is `get('eu:1')`. */
  withPrefix(prefix: string): CacheService {
    return this.sibling(this.name, this.prefix.followedBy(prefix));
  }

  /** What the copies of this namespace in the memory of this process have come to; `undefined` where `l1` is off. */
  get l1(): L1State | undefined {
    return this.home.l1;
  }

  /** @internal What decorated methods have to know of the namespace. */
  get traits(): NamespaceTraits {
    return this.namespaces.traitsOf(this.name);
  }

  /** @internal One of the same application. */
  protected sibling(name: string, prefix: KeyPrefix): CacheService {
    return new CacheService(this.namespaces, name, prefix);
  }

  /** The namespace as it is seen from where the call comes from. */
  private get space(): CacheSpace {
    return this.namespaces.scopes.viewOf(this.home);
  }
}
