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
   * Redis did not do it, or may not have done it. A read was answered as `onError` says: as if there was no entry, unless
   * another event tells otherwise; a loaded or written value was returned and not stored.
   */
  'cache:failed': CacheKeyEvent & { readonly operation: 'read' | 'lease' | 'store'; readonly error: unknown };
  /**
   * Redis did not answer a read, and a copy in the memory of this process did (`onError: 'stale'`): others may have
   * evicted it meanwhile.
   */
  'cache:served-stale': CacheKeyEvent & { readonly ageMs?: number };
  /** What lay in Redis could not be read: a miss. */
  'cache:undecodable': CacheKeyEvent & { readonly error: unknown };
  /** The index of a namespace was incomplete (first use, evicted, flushed) and has been made complete by a scan. */
  'cache:index-rebuilt': { readonly namespace: string; readonly buckets: number };
  /** A pattern without a literal prefix walked over the whole namespace. Use a tag. */
  'cache:costly-pattern': { readonly namespace: string; readonly pattern: string };
  /** A loaded value is of a kind that cannot be stored. It was returned to the one caller who loaded it. */
  'cache:unsupported': CacheKeyEvent & { readonly error: unknown };
  /**
   * Redis did not carry out an eviction, or may not have. It stands in the journal and is repeated until it is delivered;
   * what it covers is not read in this process until then. Other processes may read it.
   */
  'cache:eviction-failed': {
    readonly namespace: string;
    readonly target: InvalidationTarget | 'all';
    readonly error: unknown;
  };
  /** The first eviction has come into the journal, or (`pending: 0`) the last one has been delivered. */
  'cache:journal': {
    readonly namespace: string;
    /** Keys, patterns and tags that wait. */
    readonly pending: number;
    /** Whether the whole namespace waits to be evicted. */
    readonly coversAll: boolean;
  };
  /** The application has ended with evictions that were not delivered: old values may be read until their ttl ends. */
  'cache:evictions-lost': { readonly namespace: string; readonly pending: number };
  /** A load in the background has thrown. What is stored stays as it is. */
  'cache:refresh-failed': CacheKeyEvent & { readonly error: unknown };
  /** Redis has told of more changes than the copies in memory have saved reads: `l1` costs more than it brings. */
  'cache:l1-outweighed': { readonly namespace: string; readonly hits: number; readonly invalidations: number };
}
