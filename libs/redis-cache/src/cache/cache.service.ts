import type { OnModuleInit } from '@nestjs/common';
import { type ClassRegistry, UnsupportedValueError } from '../core/codec/index.js';
import { refuse, type Ttl } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { assertKey, escapeGlob, Pattern } from '../core/keys/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheNamespaces } from './cache-namespaces.js';
import type { CacheLoadOptions, CacheResultOptions, CacheSetOptions } from './cache.options.js';
import { CacheRequests } from './cache-requests.js';
import type { EntryExplanation } from './entry-explanation.js';
import { inBatches } from './in-batches.js';
import type { CacheKeyInfo, CacheKeysOptions } from './key-listing.js';
import type { InvalidationOptions, InvalidationResult, InvalidationTarget } from './invalidation.js';

/** Anything but `undefined`, which means "not there" and is never stored. `null` is a value. */
export type CacheValue = NonNullable<unknown> | null;

/**
 * A cache in Redis. Injected by its class it works in the namespace `default`; `@InjectCache('products')` and
 * `namespace('products')` give the same API in a namespace of its own.
 *
 * When Redis is away, reads (`get`, `has`, `ttl`, `getMany`, `getOrSet`) behave as on a miss and tell it in an event;
 * whatever changes the cache rejects, so that a change nobody made is never taken for done.
 */
export class CacheService implements OnModuleInit {
  private readonly space: CacheNamespace;
  private readonly connection: RedisConnection;
  private readonly requests: CacheRequests;

  /** @param scope the namespace, and a prefix for keys inside it */
  constructor(
    private readonly namespaces: CacheNamespaces,
    private readonly scope: { readonly namespace: string; readonly prefix: string },
  ) {
    const { namespace, connection } = namespaces.open(scope.namespace);
    this.space = namespace;
    this.connection = connection;
    this.requests = new CacheRequests(namespace);
  }

  /** Opens the connection, so that the first request does not wait for it. */
  async onModuleInit(): Promise<void> {
    await this.connection.open();
    await this.space.open();
  }

  /** The value of a key, or `undefined` when there is none. A stored `null` comes back as `null`. */
  async get<T>(key: string): Promise<T | undefined> {
    const found = await this.space.read(this.whole(key));
    return typeof found === 'string' ? undefined : (found.value as T);
  }

  /**
   * States that this is the value now; the last arrival wins.
   * @throws UnsupportedValueError for `undefined`, and for values that would not come back as they are
   * @throws RedisUnavailableError, CommandTimeoutError, RedisReplyError when it was not, or may not have been, stored
   */
  async set<T extends CacheValue>(key: string, value: T, options: CacheSetOptions = {}): Promise<void> {
    await this.space.set(this.whole(key), defined(value), { ...this.requests.storeOptionsOf(options), when: 'always' });
  }

  /** Stores a value if there is none. @returns whether it was stored */
  async add<T extends CacheValue>(key: string, value: T, options: CacheSetOptions = {}): Promise<boolean> {
    return this.space.set(this.whole(key), defined(value), {
      ...this.requests.storeOptionsOf(options),
      when: 'absent',
    });
  }

  /**
   * The value of a key; when there is none, what `load` gives, which is then stored. Callers who ask at the same time,
   * in all processes, share one load, and each gets a copy of its own. What `load` throws is thrown to the callers of
   * this process and never stored; `undefined` is returned and never stored.
   *
   * @example const product = await cache.getOrSet(`product:${id}`, () => this.products.findOneBy({ id }), { ttl: '10m' });
   */
  async getOrSet<T>(key: string, load: () => Promise<T> | T, options: CacheLoadOptions<T> = {}): Promise<T> {
    const request = this.requests.loadRequestOf(load, options);
    const whole = this.whole(key);
    if (options.fresh === true) return (await this.space.reload(whole, request)) as T;
    const found = await this.space.read(whole);
    return (typeof found === 'string' ? await this.space.load(whole, request, found) : found.value) as T;
  }

  /**
   * Loads a value anew in the background, unless somebody, in any process, is loading it already; until it is stored,
   * readers get what is there. It never rejects because of `load`: a `cache:refresh-failed` event tells what it threw.
   * `load` runs outside the caller's request (its AsyncLocalStorage contexts).
   *
   * @returns whether a value was stored
   */
  async refresh<T>(key: string, load: () => Promise<T> | T, options: CacheResultOptions<T> = {}): Promise<boolean> {
    return this.space.refresh(this.whole(key), this.requests.loadRequestOf(load, options));
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
    return (await this.space.writeThrough(this.whole(key), { write, storedAs })) as T;
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

  /** Takes a value out: returns it, and removes it in the same step. */
  async pull<T>(key: string): Promise<T | undefined> {
    return (await this.space.pull(this.whole(key)))?.value as T | undefined;
  }

  /** Ends the freshness of an entry now. @returns false when there is none */
  async markStale(key: string): Promise<boolean> {
    return this.space.markStale(this.whole(key));
  }

  /**
   * Adds to a counter, which `get` reads as a number. One that is not there begins at 0, with `ttl`; later calls leave
   * its end where it is.
   */
  async increment(key: string, by = 1, { ttl }: Pick<CacheSetOptions, 'ttl'> = {}): Promise<number> {
    if (!Number.isSafeInteger(by)) refuse('by', 'a whole number', by);
    return this.space.increment(this.whole(key), by, this.requests.ttlMsOf(ttl));
  }

  /** Why a read of a key would hit or miss now, and who is loading it. */
  async explain(key: string): Promise<EntryExplanation> {
    return this.space.explain(this.whole(key));
  }

  /** The keys that a pattern matches, without their values. Walks over the index in slices; keys may come twice. */
  async *keys(pattern = '*', options: CacheKeysOptions = {}): AsyncGenerator<CacheKeyInfo> {
    const { prefix } = this.scope;
    for await (const info of this.space.keys(Pattern.parse(escapeGlob(prefix) + pattern), options)) {
      yield { ...info, key: info.key.slice(prefix.length) };
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
    return (await this.space.remaining(this.whole(key))) !== undefined;
  }

  /**
   * Removes a key. @param options `settle`: see {@link InvalidationOptions}
   * @returns whether there was one
   * @throws RedisUnavailableError, CommandTimeoutError when the entry may still be there
   */
  async delete(key: string, options: InvalidationOptions = {}): Promise<boolean> {
    return this.space.evict(this.whole(key), options);
  }

  /** How long an entry is still fresh: milliseconds, `'forever'`, or `undefined` when there is none. */
  async ttl(key: string): Promise<number | 'forever' | undefined> {
    return this.space.remaining(this.whole(key));
  }

  /**
   * Gives an entry a new time to live, counted from now. @param ttl @default the namespace's ttl
   * @returns false when there is no entry
   */
  async touch(key: string, ttl?: Ttl): Promise<boolean> {
    return this.space.touch(this.whole(key), this.requests.ttlMsOf(ttl));
  }

  /** The values of those keys that have one, in one round trip for every 500 (on a cluster, to each node). */
  async getMany<T>(keys: Iterable<string>): Promise<Map<string, T>> {
    const unique = distinct(keys);
    const found = await inBatches(unique, (key) => this.space.read(this.whole(key)));
    return new Map(
      unique.flatMap((key, at) => {
        const read = found[at];
        return typeof read === 'object' ? [[key, read.value as T] as const] : [];
      }),
    );
  }

  /**
   * Stores several values, each on its own: when one is refused the others are stored all the same, and the first
   * refusal is thrown at the end.
   */
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
   * Removes entries by key, pattern and tag, and voids what is being loaded for them: when it has resolved, no read that
   * starts afterwards, in any process, returns a value whose load began before.
   *
   * @example await cache.invalidate('product:*');
   * @example await cache.invalidate({ keys: ['front'], tags: ['category:tea'] });
   * @example await cache.invalidate({ tags: ['category:tea'] }, { settle: '500ms' }); // the source is a replica
   * @throws RedisUnavailableError, CommandTimeoutError when it may not, or not wholly, have been carried out
   */
  async invalidate(
    target: string | InvalidationTarget,
    options: InvalidationOptions = {},
  ): Promise<InvalidationResult> {
    const { keys = [], patterns = [], ...rest } = typeof target === 'string' ? { patterns: [target] } : target;
    const prefix = escapeGlob(this.scope.prefix);
    const whole = {
      ...rest,
      keys: keys.map((key) => this.whole(key)),
      patterns: patterns.map((pattern) => prefix + pattern),
    };
    return this.space.invalidate(whole, options);
  }

  /** Removes all entries of the namespace; with a prefix, all that begin with it. */
  async clear(): Promise<InvalidationResult> {
    if (this.scope.prefix !== '') return this.invalidate('*');
    return this.space.clear();
  }

  /** Clears every namespace of this application. Keys of others are left alone. */
  async clearAll(): Promise<InvalidationResult> {
    return this.namespaces.clearAll();
  }

  /** Whether Redis (on a cluster: every primary) answers within `commandTimeout`. */
  isHealthy(): Promise<boolean> {
    return this.connection.ping().then(
      () => true,
      () => false,
    );
  }

  /**
   * The same API in another namespace. Keys of different namespaces never meet.
   * @throws UnknownNamespaceError when nobody has declared it
   */
  namespace(name: string): CacheService {
    return new CacheService(this.namespaces, { namespace: name, prefix: '' });
  }

  /** The same namespace, with `prefix` put before every key: `withPrefix('eu:').get('1')` is `get('eu:1')`. */
  withPrefix(prefix: string): CacheService {
    assertKey(prefix);
    return new CacheService(this.namespaces, { ...this.scope, prefix: this.scope.prefix + prefix });
  }

  /** The classes whose instances are kept here: decorated methods take them as arguments too. */
  get classes(): ClassRegistry {
    return this.namespaces.classesOf(this.scope.namespace);
  }

  private whole(key: string): string {
    if (this.scope.prefix === '') return key;
    assertKey(key);
    return this.scope.prefix + key;
  }
}

/** A text is iterable too, but hardly meant as the list of its characters. */
function distinct(keys: Iterable<string>): string[] {
  return typeof keys === 'string' ? refuse('keys', 'several keys, such as an array', keys) : [...new Set(keys)];
}

function defined<T>(value: T): T {
  if ((value as unknown) === undefined)
    throw new UnsupportedValueError('$', 'is undefined. Store null, or delete the key.');
  return value;
}
