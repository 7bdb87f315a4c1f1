import type { StoredValue } from '../core/codec/index.js';
import type { Pattern } from '../core/keys/index.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { InvalidationPlan } from './invalidation-plan.js';

/** The evictions of a unit of work in one namespace, until it settles. */
export class PendingEvictions {
  private readonly keys = new Set<string>();
  private readonly patterns = new Map<string, Pattern>();
  private readonly tags = new Set<string>();
  /** Those that ask for more than that (settle, scan). */
  private readonly special: InvalidationPlan[] = [];
  private all = false;

  constructor(private readonly namespace: CacheNamespace) {}

  add(plan: InvalidationPlan | 'all'): void {
    if (plan === 'all') {
      this.all = true;
      return;
    }
    for (const key of plan.keys) this.keys.add(key);
    for (const pattern of plan.patterns) this.patterns.set(pattern.source, pattern);
    for (const tag of plan.tags) this.tags.add(tag);
    if (plan.settleMs > 0 || plan.scan) this.special.push(plan);
  }

  /** Whether what the cache has under a key is no longer true here. */
  cover(key: string, stored?: StoredValue): boolean {
    if (this.all || this.keys.has(key)) return true;
    for (const pattern of this.patterns.values()) if (pattern.matches(key)) return true;
    return stored?.envelope?.tags.some((tag) => this.tags.has(tag)) ?? false;
  }

  /** All are tried. @throws UndeliveredEvictionError with `onUndelivered: 'throw'` */
  async deliver(): Promise<void> {
    const plans = [this.all ? ('all' as const) : this.plainPlan(), ...this.special];
    const outcomes = await Promise.allSettled(plans.map((plan) => this.namespace.carryOut(plan)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private plainPlan(): InvalidationPlan {
    const { keys, patterns, tags } = this;
    return { keys: [...keys], patterns: [...patterns.values()], tags: [...tags], settleMs: 0, scan: false };
  }
}
