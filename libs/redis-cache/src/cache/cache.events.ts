import type { InvalidationTarget } from './invalidation-plan.js';

interface CacheKeyEvent {
  readonly namespace: string;
  /** The key inside the namespace. */
  readonly key: string;
}

/** What the cache tells. No event holds a value. */
export interface CacheEvents {
  /** `ageMs` is missing where the format keeps no time of writing (`json`). */
  'cache:hit': CacheKeyEvent & {
    /** `l1`: a copy in the memory of this process. */
    readonly tier: 'l1' | 'redis';
    readonly ageMs?: number;
  };
  'cache:miss': CacheKeyEvent;
  /**
   * Redis did not do it, or may not have done it. A read was answered as if there was no entry; a loaded or written value
   * was returned and not stored; what `writeThrough` wanted to remove may still be there.
   */
  'cache:failed': CacheKeyEvent & { readonly operation: 'read' | 'lease' | 'store' | 'evict'; readonly error: unknown };
  /** What lay in Redis could not be read: a miss. */
  'cache:undecodable': CacheKeyEvent & { readonly error: unknown };
  /** The index of a namespace was incomplete (first use, evicted, flushed) and has been made complete by a scan. */
  'cache:index-rebuilt': { readonly namespace: string; readonly buckets: number };
  /** A pattern without a literal prefix walked over the whole namespace. Use a tag. */
  'cache:costly-pattern': { readonly namespace: string; readonly pattern: string };
  /** A loaded value is of a kind that cannot be stored. It was returned to the one caller who loaded it. */
  'cache:unsupported': CacheKeyEvent & { readonly error: unknown };
  /**
   * Redis did not carry out, or may not have carried out, an eviction of a decorated method, a unit of work or an event listener: old values
   * may be read until their ttl ends. The result of the method or the unit is not changed by it.
   */
  'cache:eviction-failed': {
    /** Such as `ProductsRepository.update`; missing for a unit of work. */
    readonly method?: string;
    readonly namespace: string;
    readonly target: InvalidationTarget | 'all';
    readonly error: unknown;
  };
  /** A load in the background has thrown. What is stored stays as it is. */
  'cache:refresh-failed': CacheKeyEvent & { readonly error: unknown };
  /** Redis has told of more changes than the copies in memory have saved reads: `l1` costs more than it brings. */
  'cache:l1-outweighed': { readonly namespace: string; readonly hits: number; readonly invalidations: number };
}
