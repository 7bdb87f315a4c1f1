import {
  type CacheOptions,
  CacheService,
  type InvalidationTarget,
  KeyPrefix,
  planInvalidation,
  resolveCacheOptions,
} from '../cache/index.js';
import type { Duration } from '../core/common/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { CacheExpectations } from './cache-expectations.js';
import { MemoryNamespaces } from './memory-namespaces.js';

/**
 * A cache in the memory of the test, without Redis and without a socket. It does what {@link CacheService} does, by the
 * same code: values are copied by the serialiser, loads are shared, entries have a ttl and tags. Time stands still until
 * {@link advance}. Leases of other processes and outages do not happen in it.
 *
 * Tests get it from `provideFakeRedisCache()`, or make one with {@link create}.
 */
export class FakeCacheService extends CacheService {
  /** @internal */
  constructor(
    private readonly memories: MemoryNamespaces,
    private readonly namespaceName: string,
    private readonly keyPrefix = new KeyPrefix(''),
  ) {
    super(memories, namespaceName, keyPrefix);
  }

  /**
   * An empty cache.
   *
   * @param options those of `cache` in `forRoot`: name in `namespaces` those that the code under test uses
   * @param events where it tells hits, misses and the rest. @default events of its own
   * @example const cache = FakeCacheService.create({ namespaces: { products: { classes: [Product] } } });
   */
  static create(options: CacheOptions = {}, events: RedisCacheEvents = new RedisCacheEvents()): FakeCacheService {
    return new FakeCacheService(new MemoryNamespaces(resolveCacheOptions('cache', options), events), 'default');
  }

  /**
   * Lets time go by, in all namespaces of this cache: what has a shorter ttl is gone.
   *
   * @param duration a number is milliseconds
   * @example cache.advance('5m');
   * @throws InvalidOptionError
   */
  advance(duration: Duration): void {
    this.memories.clock.advance(duration);
  }

  /**
   * Checks that there is a fresh value under a key, and, where a value is given, that it is deeply and strictly equal.
   *
   * @example cache.expectCached('product:1', { id: '1', name: 'Tea' });
   * @throws Error that says why it is not there, and what is
   */
  expectCached(key: string, ...value: readonly [expected?: unknown]): void {
    this.check('expectCached', this.expectations.whyNotCached(this.keyPrefix.add(key), value));
  }

  /**
   * Checks that a key, or all of a target, was evicted since it was last stored, and is not in the cache now. It need not
   * have been there. A pattern also counts as evicted when keys were that it matches, and everything does after `clear()`.
   *
   * @param target a text is a key
   * @example cache.expectEvicted('product:1');
   * @example cache.expectEvicted({ patterns: ['list:*'], tags: ['category:tea'] });
   * @throws Error that says what is still there, or what was evicted instead
   */
  expectEvicted(target: string | InvalidationTarget): void {
    const whole = this.keyPrefix.addToTarget(typeof target === 'string' ? { keys: [target] } : target);
    const plan = planInvalidation(whole, {}, { name: this.namespaceName, hasIndex: true });
    this.check('expectEvicted', this.expectations.whyNotEvicted(plan));
  }

  /** The same API in another namespace, by the same clock. @throws UnknownNamespaceError when the options do not name it */
  override namespace(name: string): FakeCacheService {
    return super.namespace(name) as FakeCacheService;
  }

  /** The same namespace, with `prefix` put before every key, also in expectations. */
  override withPrefix(prefix: string): FakeCacheService {
    return super.withPrefix(prefix) as FakeCacheService;
  }

  /** @internal */
  protected override sibling(name: string, prefix: KeyPrefix): FakeCacheService {
    return new FakeCacheService(this.memories, name, prefix);
  }

  private get expectations(): CacheExpectations {
    return new CacheExpectations(this.memories.memoryOf(this.namespaceName), this.namespaceName);
  }

  private check(expectation: string, problem: string | undefined): void {
    if (problem !== undefined) throw new Error(`${expectation}: ${problem}`);
  }
}
