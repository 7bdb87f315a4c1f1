import type { StoredValue } from '../core/codec/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheScope, CacheSpace, EvictionCollector } from './cache-space.js';
import type { InvalidationPlan } from './invalidation-plan.js';
import { PendingEvictions } from './pending-evictions.js';
import { SpaceInUnit } from './space-in-unit.js';

/**
 * A transaction of the source, as the cache sees it. Evictions wait until it settles: carried out earlier, a reader could
 * store again what is about to change. Of what is to be evicted nothing is read, and of what is loaded nothing is
 * stored: it may be rolled back.
 */
export class UnitOfWork implements CacheScope, EvictionCollector {
  readonly unit = this;
  private readonly pending = new Map<CacheNamespace, PendingEvictions>();
  private hasSettled = false;

  constructor(private readonly outer: CacheScope | undefined) {}

  /** Work that nobody awaited may go on after the unit has settled: it finds the cache as it is around the unit. */
  viewOf(namespace: CacheNamespace): CacheSpace {
    const around = this.outer?.viewOf(namespace) ?? namespace;
    return this.hasSettled ? around : new SpaceInUnit(this, namespace, around);
  }

  /** Evicts when this unit settles, and once more when those around it do: theirs may be the real transaction. */
  async defer(namespace: CacheNamespace, plan: InvalidationPlan | 'all'): Promise<void> {
    const pending = this.hasSettled ? new PendingEvictions(namespace) : this.pendingIn(namespace);
    pending.add(plan);
    if (this.hasSettled) await pending.deliver();
    await this.outer?.unit?.defer(namespace, plan);
  }

  covers(namespace: CacheNamespace, key: string, stored?: StoredValue): boolean {
    return this.pending.get(namespace)?.cover(key, stored) ?? false;
  }

  /** Carries out what has been collected, in all namespaces. @throws UndeliveredEvictionError with `onUndelivered: 'throw'` */
  async settle(): Promise<void> {
    this.hasSettled = true;
    const outcomes = await Promise.allSettled([...this.pending.values()].map((evictions) => evictions.deliver()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private pendingIn(namespace: CacheNamespace): PendingEvictions {
    const pending = this.pending.get(namespace) ?? new PendingEvictions(namespace);
    this.pending.set(namespace, pending);
    return pending;
  }
}
