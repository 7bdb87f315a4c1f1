import type { InvalidationPlan } from './invalidation-plan.js';

interface Carried {
  readonly plan: InvalidationPlan | 'all';
  readonly at: number;
}

/**
 * The evictions of the last while that Redis has acknowledged: a primary that replaces another, or comes back with the
 * data of a file, may not have them.
 */
export class RecentEvictions {
  private carried: Carried[] = [];
  /** Until then more have been carried out than are remembered. */
  private incompleteUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: { readonly keptForMs: number; readonly limit: number },
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  add(plan: InvalidationPlan | 'all'): void {
    const at = this.monotonicMs();
    this.carried.push({ plan, at });
    if (this.carried.length <= 2 * this.options.limit) return;
    this.forgetOld();
    if (this.carried.length <= this.options.limit) return;
    this.incompleteUntil = at + this.options.keptForMs;
    this.carried = [];
  }

  /** What may have been lost: everything, when there was more than is remembered. */
  all(): readonly (InvalidationPlan | 'all')[] {
    if (this.incompleteUntil > this.monotonicMs()) return ['all'];
    this.forgetOld();
    return this.carried.map(({ plan }) => plan);
  }

  private forgetOld(): void {
    const oldest = this.monotonicMs() - this.options.keptForMs;
    this.carried = this.carried.filter(({ at }) => at >= oldest);
  }
}
