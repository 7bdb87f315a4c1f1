import type { CacheNamespace } from './cache-namespace.js';
import type { UnitOfWork } from './unit-of-work.js';

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

/** Something under way in which the cache behaves otherwise. */
export interface CacheScope {
  /** The innermost unit of work that it lies in, or is. */
  readonly unit: UnitOfWork | undefined;
  viewOf(namespace: CacheNamespace): CacheSpace;
}
