import type { CacheAccess } from './cache-access.js';
import type { MethodSite } from './method-site.js';

/** One call of a decorated method. */
export interface MethodCall {
  readonly instance: object;
  readonly args: readonly unknown[];
  /** Runs the method itself, or the decorator below. */
  readonly proceed: () => Promise<unknown>;
}

/** What a decorator does on a call, in one application and for one class. */
export interface MethodPlan {
  run(call: MethodCall): Promise<unknown>;
}

/** For whom a plan is made: a method may be inherited, and a decorated class may live in several applications. */
export interface PlanPlace {
  readonly access: CacheAccess;
  /** The prototype of the instances: of the class the method stands in, or of one below it. */
  readonly prototype: object;
}

/** A decorator on a method, and what it comes to wherever the method is used. */
export class DecoratedMethod {
  private readonly plans = new WeakMap<CacheAccess, WeakMap<object, MethodPlan>>();

  constructor(
    readonly site: MethodSite,
    private readonly makePlan: (place: PlanPlace) => MethodPlan,
  ) {}

  /** @throws InvalidOptionError when the decorator cannot work there */
  planFor(place: PlanPlace): MethodPlan {
    const plans = this.plans.get(place.access) ?? new WeakMap<object, MethodPlan>();
    this.plans.set(place.access, plans);
    const plan = plans.get(place.prototype) ?? this.makePlan(place);
    plans.set(place.prototype, plan);
    return plan;
  }
}
