import type { InvalidationTarget } from '../cache/index.js';

/** What decorated methods tell. No event holds a value. */
export interface CacheableEvents {
  /**
   * Redis did not carry out, or may not have carried out, an eviction of `@CacheEvict` or `@CachePut`: old values may be
   * read until their ttl ends. The method's result is not changed by it.
   */
  'cache:eviction-failed': {
    /** Such as `ProductsRepository.update`. */
    readonly method: string;
    readonly namespace: string;
    readonly target: InvalidationTarget | 'all';
    readonly error: unknown;
  };
}
