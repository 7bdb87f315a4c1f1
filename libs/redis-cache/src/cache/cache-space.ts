import type { StoredValue } from '../core/codec/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { InvalidationPlan } from './invalidation-plan.js';

/** What depends on what is under way around a call. The namespace itself does it when nothing is. */
export type CacheSpace = Pick<
  CacheNamespace,
  | 'clear'
  | 'evict'
  | 'invalidate'
  | 'load'
  | 'markStale'
  | 'read'
  | 'refresh'
  | 'reload'
  | 'remaining'
  | 'set'
  | 'writeThrough'
>;

/** Where evictions wait until something settles. */
export interface EvictionCollector {
  defer(namespace: CacheNamespace, plan: InvalidationPlan | 'all'): void;
  /** Whether an entry waits to be evicted. */
  covers(namespace: CacheNamespace, key: string, stored?: StoredValue): boolean;
}

/** Something under way in which the cache behaves otherwise. */
export interface CacheScope {
  /** The innermost unit of work that it lies in, or is. */
  readonly unit: EvictionCollector | undefined;
  viewOf(namespace: CacheNamespace): CacheSpace;
}
