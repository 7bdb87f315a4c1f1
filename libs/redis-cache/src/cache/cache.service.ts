import type { OnModuleInit } from '@nestjs/common';
import { UnsupportedValueError } from '../core/codec/index.js';
import { toTtlMs, type Ttl } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { assertKey } from '../core/keys/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheNamespaces } from './cache-namespaces.js';
import type { CacheSetOptions } from './cache.options.js';

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

  /** @param scope the namespace, and a prefix for keys inside it */
  constructor(
    private readonly namespaces: CacheNamespaces,
    private readonly scope: { readonly namespace: string; readonly prefix: string },
  ) {
    const { namespace, connection } = namespaces.open(scope.namespace);
    this.space = namespace;
    this.connection = connection;
  }

  /** Opens the connection, so that the first request does not wait for it. */
  async onModuleInit(): Promise<void> {
    await this.connection.open();
  }

  /** The value of a key, or `undefined` when there is none. A stored `null` comes back as `null`. */
  async get<T>(key: string): Promise<T | undefined> {
    const hit = await this.space.read(this.whole(key));
    return hit?.value as T | undefined;
  }

  /**
   * States that this is the value now; the last arrival wins.
   * @throws UnsupportedValueError for `undefined`, and for values that would not come back as they are
   * @throws RedisUnavailableError, CommandTimeoutError, RedisReplyError when it was not, or may not have been, stored
   */
  async set<T extends CacheValue>(key: string, value: T, options: CacheSetOptions = {}): Promise<void> {
    if ((value as unknown) === undefined)
      throw new UnsupportedValueError('$', 'is undefined. Store null, or delete the key.');
    await this.space.store(this.whole(key), value, this.ttlMsOf(options));
  }

  /**
   * The value of a key; when there is none, what `load` gives, which is then stored. Callers of one process who ask
   * at the same time share one load, and each gets a copy of its own. What `load` throws is thrown to all of them
   * and never stored; `undefined` is returned and never stored.
   *
   * @example const product = await cache.getOrSet(`product:${id}`, () => this.products.findOneBy({ id }), { ttl: '10m' });
   */
  async getOrSet<T>(key: string, load: () => Promise<T> | T, options: CacheSetOptions = {}): Promise<T> {
    const ttlMs = this.ttlMsOf(options);
    const hit = await this.space.read(this.whole(key));
    if (hit !== undefined) return hit.value as T;
    return (await this.space.load(this.whole(key), load, ttlMs)) as T;
  }

  /** Whether there is a fresh entry, be it `null`. */
  async has(key: string): Promise<boolean> {
    return (await this.space.remaining(this.whole(key))) !== undefined;
  }

  /**
   * Removes a key. @returns whether there was one
   * @throws RedisUnavailableError, CommandTimeoutError when the entry may still be there
   */
  async delete(key: string): Promise<boolean> {
    return this.space.remove(this.whole(key));
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
    return this.space.touch(this.whole(key), this.ttlMsOf(ttl === undefined ? {} : { ttl }));
  }

  /** The values of those keys that have one, in one round trip (on a cluster, one per node). */
  async getMany<T>(keys: Iterable<string>): Promise<Map<string, T>> {
    const unique = [...new Set(keys)];
    const hits = await Promise.all(unique.map((key) => this.space.read(this.whole(key))));
    return new Map(unique.flatMap((key, at) => (hits[at] === undefined ? [] : [[key, hits[at].value as T] as const])));
  }

  /**
   * Stores several values, each on its own: when one is refused the others are stored all the same, and the first
   * refusal is thrown at the end.
   */
  async setMany<T extends CacheValue>(
    entries: Iterable<readonly [key: string, value: T]>,
    options: CacheSetOptions = {},
  ): Promise<void> {
    await settleAll([...entries].map(([key, value]) => this.set(key, value, options)));
  }

  /** Removes several keys, each on its own. @returns how many there were */
  async deleteMany(keys: Iterable<string>): Promise<number> {
    const removed = await settleAll([...new Set(keys)].map((key) => this.delete(key)));
    return removed.filter(Boolean).length;
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
    return new CacheService(this.namespaces, { ...this.scope, prefix: this.scope.prefix + prefix });
  }

  private whole(key: string): string {
    if (this.scope.prefix === '') return key;
    assertKey(key);
    return this.scope.prefix + key;
  }

  private ttlMsOf({ ttl }: CacheSetOptions): number {
    return ttl === undefined ? this.space.ttlMs : toTtlMs('ttl', ttl);
  }
}

/** Lets all of them end before the first failure is thrown: no work goes on behind the caller's back. */
async function settleAll<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
