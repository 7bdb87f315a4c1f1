import type { StoredValue } from '../core/codec/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import { coverageOf, type InvalidationPlan, joinPlans } from './invalidation-plan.js';

/** The evictions of a unit of work in one namespace, until it settles. */
export class PendingEvictions {
  private readonly plans: InvalidationPlan[] = [];
  private readonly coverages: ((key: string) => boolean)[] = [];
  private readonly tags = new Set<string>();
  private all = false;

  constructor(private readonly namespace: CacheNamespace) {}

  add(plan: InvalidationPlan | 'all'): void {
    if (plan === 'all') {
      this.all = true;
      return;
    }
    this.plans.push(plan);
    this.coverages.push(coverageOf({ ...plan, tags: [] }));
    for (const tag of plan.tags) this.tags.add(tag);
  }

  /** Whether what the cache has under a key is no longer true here. */
  cover(key: string, stored?: StoredValue): boolean {
    if (this.all || this.coverages.some((covers) => covers(key))) return true;
    return stored?.envelope?.tags.some((tag) => this.tags.has(tag)) ?? false;
  }

  /** Does not reject: what it was for has been done already. */
  async deliver(): Promise<void> {
    if (this.all) return this.attempt('all');
    await Promise.all(joinPlans(this.plans).map((plan) => this.attempt(plan)));
  }

  private async attempt(plan: InvalidationPlan | 'all'): Promise<void> {
    try {
      await (plan === 'all' ? this.namespace.clear() : this.namespace.carryOut(plan));
    } catch (error) {
      this.namespace.tellUndelivered(plan, error);
    }
  }
}
