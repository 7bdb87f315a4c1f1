import type { InvalidationPlan } from '../cache/index.js';

/** An eviction that was carried out. */
export interface Eviction {
  readonly plan: Pick<InvalidationPlan, 'keys' | 'patterns' | 'tags'> | 'all';
  /** The keys of the entries that there were. */
  readonly removed: readonly string[];
}

/** What was evicted in one namespace, in order with what was stored. */
export class EvictionLog {
  private moments = 0;
  private readonly evictions: (Eviction & { readonly at: number })[] = [];
  private readonly storedAt = new Map<string, number>();

  get all(): readonly Eviction[] {
    return this.evictions;
  }

  noteStored(key: string): void {
    this.storedAt.set(key, (this.moments += 1));
  }

  noteEvicted(plan: Eviction['plan'], removed: readonly string[]): void {
    this.evictions.push({ plan, removed, at: (this.moments += 1) });
  }

  /** The eviction that a key has met since something was last stored under it. */
  ofKey(key: string): Eviction | undefined {
    const stored = this.storedAt.get(key) ?? 0;
    return this.evictions.find(({ at, ...eviction }) => at > stored && concerns(eviction, key));
  }

  wasEverEvicted(key: string): boolean {
    return this.evictions.some((eviction) => concerns(eviction, key));
  }

  wasStored(key: string): boolean {
    return this.storedAt.has(key);
  }
}

function concerns({ plan, removed }: Eviction, key: string): boolean {
  if (plan === 'all' || removed.includes(key) || plan.keys.includes(key)) return true;
  return plan.patterns.some((pattern) => pattern.matches(key));
}
