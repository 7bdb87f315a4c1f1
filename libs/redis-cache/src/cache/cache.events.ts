interface CacheKeyEvent {
  readonly namespace: string;
  /** The key inside the namespace. */
  readonly key: string;
}

/** What the cache tells. No event holds a value. */
export interface CacheEvents {
  /** `ageMs` is missing where the format keeps no time of writing (`json`). */
  'cache:hit': CacheKeyEvent & { readonly ageMs?: number };
  'cache:miss': CacheKeyEvent;
  /** Redis did not do it. A read was answered as a miss; a loaded value was returned and not stored. */
  'cache:failed': CacheKeyEvent & { readonly operation: 'read' | 'lease' | 'store'; readonly error: unknown };
  /** What lay in Redis could not be read: a miss. */
  'cache:undecodable': CacheKeyEvent & { readonly error: unknown };
  /** The index of a namespace was incomplete (first use, evicted, flushed) and has been made complete by a scan. */
  'cache:index-rebuilt': { readonly namespace: string; readonly buckets: number };
  /** A pattern without a literal prefix walked over the whole namespace. Use a tag. */
  'cache:costly-pattern': { readonly namespace: string; readonly pattern: string };
  /** A loaded value is of a kind that cannot be stored. It was returned to the one caller who loaded it. */
  'cache:unsupported': CacheKeyEvent & { readonly error: unknown };
}
