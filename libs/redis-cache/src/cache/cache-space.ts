import type { StoredValue } from '../core/codec/index.js';
import { type Absence, type LoadRequest, serve } from './cache-loads.js';
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
  | 'pull'
  | 'read'
  | 'refresh'
  | 'reload'
  | 'remaining'
  | 'set'
  | 'writeThrough'
>;

/** Where evictions wait until something settles. */
export interface EvictionCollector {
  /** Resolves when it has been noted; or, when there is nothing more to wait for, carried out. */
  defer(namespace: CacheNamespace, plan: InvalidationPlan | 'all'): Promise<void>;
  /** Whether an entry waits to be evicted. */
  covers(namespace: CacheNamespace, key: string, stored?: StoredValue): boolean;
}

/** Something under way in which the cache behaves otherwise. */
export interface CacheScope {
  /** The innermost unit of work that it lies in, or is. */
  readonly unit: EvictionCollector | undefined;
  viewOf(namespace: CacheNamespace): CacheSpace;
}

/** What a read has found, unless it is nothing or a remembered error. */
export function valueIn(found: StoredValue | Absence): StoredValue | undefined {
  return typeof found === 'object' && found.isError === undefined ? found : undefined;
}

/** Reads, and loads what is not there. A remembered error of a kind that the request remembers is thrown again. */
export async function readOrLoad(space: CacheSpace, key: string, request: LoadRequest): Promise<unknown> {
  const answer = space.read(key, request.from);
  const found = answer instanceof Promise ? await answer : answer; // a copy costs no turn of the queue
  if (typeof found === 'string') return space.load(key, request, found);
  const served = serve(found, request);
  return served === undefined ? space.load(key, request, 'missed') : served.value;
}
