import { type CacheService, type InvalidationOptions, keepingOutcome } from '../cache/index.js';
import { groupBy } from '../core/common/index.js';
import type { CacheAccess } from './cache-access.js';
import { classConfigOf } from './cache-config.decorator.js';
import type { EvictOperation, Target } from './evict-operation.js';
import type { MethodCall, MethodPlan, PlanPlace } from './method-plan.js';
import type { MethodSite } from './method-site.js';
import { openNamespace, traitsOf } from './open-namespace.js';
import { variantsOf } from './variants.js';

/** An operation of an application, with the cache it works on. */
interface OpenOperation {
  readonly operation: EvictOperation;
  readonly namespace: string | undefined;
  readonly cache: CacheService;
  readonly hasVariants: boolean;
}

/** What one operation evicts on one call. */
interface Eviction {
  readonly from: OpenOperation;
  readonly target: Target | 'all';
}

/** `@CacheEvict` on one method, in one application and for one class. */
export class CacheEvictPlan implements MethodPlan {
  private readonly access: CacheAccess;
  private readonly operations: readonly OpenOperation[];

  constructor(
    private readonly site: MethodSite,
    operations: readonly EvictOperation[],
    { access, prototype }: PlanPlace,
  ) {
    const config = classConfigOf(prototype);
    this.access = access;
    this.operations = operations.map((operation) => {
      const namespace = operation.namespace ?? config.namespace;
      const cache = openNamespace(site, access, namespace);
      const hasVariants = operation.hasVariants || config.varyBy.length + traitsOf(cache).varyBy.length > 0;
      if (!traitsOf(cache).hasIndex && (operation.needsIndex || hasVariants))
        site.refuse(
          'evicts by key only: its namespace has no index (index: false), which patterns, tags and variants need.',
        );
      return { operation, namespace, cache, hasVariants };
    });
  }

  async run(call: MethodCall): Promise<unknown> {
    this.operations.forEach((operation) => this.assertSettles(operation));
    const said = this.operations.map((from): Eviction => ({ from, target: targetBefore(from, call) }));
    const at = (...times: readonly string[]): readonly Eviction[] =>
      said.filter(({ from }) => times.includes(from.operation.when));
    await this.evict(at('before'));
    return keepingOutcome(() => call.proceed(), {
      failed: () => this.evict(at('always')),
      succeeded: async (result) => {
        const { evictions, failure } = this.evictionsFrom(call, result);
        await this.evict([...at('always', 'success'), ...evictions]);
        if (failure !== undefined) throw failure.error;
      },
    });
  }

  private assertSettles(from: OpenOperation): void {
    if (from.operation.settleMs === 0 || !from.operation.hasKeys || !this.varies(from)) return;
    this.site.refuse(
      'cannot settle: keys of the namespace have variants (varyBy), which are found by a pattern. Evict a tag instead.',
    );
  }

  private varies({ hasVariants, namespace }: OpenOperation): boolean {
    return hasVariants || this.access.hasVariants(namespace);
  }

  /** What the result says. A function that throws does not keep the others from being carried out. */
  private evictionsFrom(
    call: MethodCall,
    result: unknown,
  ): { readonly evictions: readonly Eviction[]; readonly failure?: { readonly error: unknown } } {
    const evictions: Eviction[] = [];
    try {
      for (const from of this.operations) evictions.push({ from, target: from.operation.targetAfter(call, result) });
      return { evictions };
    } catch (error) {
      return { evictions, failure: { error } };
    }
  }

  /** One invalidation for each namespace (and time to settle). @throws UndeliveredEvictionError with `onUndelivered: 'throw'` */
  private async evict(evictions: readonly Eviction[]): Promise<void> {
    const alike = groupBy(evictions, ({ from }) => `${from.operation.settleMs} ${from.namespace}`);
    await Promise.all([...alike.values()].map((those) => this.evictIn(those)));
  }

  private async evictIn(evictions: readonly Eviction[]): Promise<void> {
    const { cache, operation } = evictions[0]!.from;
    const target = this.joined(evictions);
    if (target === undefined) return;
    await (target === 'all' ? cache.clear() : cache.invalidate(target, settleOf(operation)));
  }

  private joined(evictions: readonly Eviction[]): Target | 'all' | undefined {
    const targets = evictions.map(({ target }) => target);
    if (targets.includes('all')) return 'all';
    const parts = evictions.map(({ from, target }) => this.withVariants(from, target as Target));
    const target = {
      keys: parts.flatMap(({ keys }) => keys),
      patterns: parts.flatMap(({ patterns }) => patterns),
      tags: parts.flatMap(({ tags }) => tags),
    };
    return target.keys.length + target.patterns.length + target.tags.length === 0 ? undefined : target;
  }

  /** Whoever changes what lies behind a key changes all its variants, and need not know which there are. */
  private withVariants(from: OpenOperation, { keys, patterns, tags }: Target): Target {
    if (!this.varies(from)) return { keys, patterns, tags };
    const variants = [...keys.map(variantsOf.key), ...patterns.map(variantsOf.pattern)];
    return { keys, patterns: [...patterns, ...variants], tags };
  }
}

function targetBefore({ operation }: OpenOperation, call: MethodCall): Target | 'all' {
  return operation.isAll ? 'all' : operation.targetBefore(call);
}

function settleOf({ settleMs }: EvictOperation): InvalidationOptions {
  return settleMs === 0 ? {} : { settle: settleMs };
}
