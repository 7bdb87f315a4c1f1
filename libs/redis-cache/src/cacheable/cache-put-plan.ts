import { type CacheService, isLeftUndone, keepingOutcome } from '../cache/index.js';
import { type ClassConfig, classConfigOf } from './cache-config.decorator.js';
import { ExplicitKey } from './explicit-key.js';
import type { MethodCall, MethodPlan, PlanPlace } from './method-plan.js';
import type { MethodSite } from './method-site.js';
import { NO_TAGS, openNamespace, traitsOf } from './open-namespace.js';
import type { ResultRules } from './result-rules.js';
import type { TextRule } from './text-rules.js';

/** What stands in the options of `@CachePut`, checked. */
export interface CachePutRules {
  readonly site: MethodSite;
  readonly namespace: string | undefined;
  readonly key: TextRule;
  readonly results: ResultRules;
}

/** `@CachePut` on one method, in one application and for one class. */
export class CachePutPlan implements MethodPlan {
  private readonly cache: CacheService;
  private readonly config: ClassConfig;
  private readonly namespace: string | undefined;
  private readonly key: ExplicitKey;

  constructor(
    private readonly rules: CachePutRules,
    { access, prototype }: PlanPlace,
  ) {
    const { site, results } = rules;
    this.config = classConfigOf(prototype);
    this.namespace = rules.namespace ?? this.config.namespace;
    this.cache = openNamespace(site, access, this.namespace);
    if (results.hasTags(this.config) && !traitsOf(this.cache).keepsTags) site.refuse(NO_TAGS);
    this.key = new ExplicitKey(rules.key, { site, access, namespace: this.namespace });
    if (this.config.varyBy.length + traitsOf(this.cache).varyBy.length > 0)
      site.refuse(
        'cannot stand where varyBy applies: the other variants of the key would stay as they were. Use @CacheEvict.',
      );
    for (const warning of results.warnings()) access.warnOnce(warning, warning);
  }

  async run(call: MethodCall): Promise<unknown> {
    const { results } = this.rules;
    if (!results.isWanted(call)) return call.proceed();
    const key = this.key.of(call);
    const options = results.optionsFor(call, this.config);
    let hasBegun = false;
    const write = (): Promise<unknown> => {
      hasBegun = true;
      return call.proceed();
    };
    try {
      return await this.cache.writeThrough(key, write, options);
    } catch (error) {
      if (hasBegun || !isLeftUndone(error)) throw error;
      return this.writeWithoutLease(key, call);
    }
  }

  /** The source is written although Redis is away; what is in the cache is evicted, at the latest when Redis is back. */
  private writeWithoutLease(key: string, call: MethodCall): Promise<unknown> {
    const evict = (): Promise<unknown> => this.cache.delete(key);
    return keepingOutcome(() => call.proceed(), { succeeded: evict, failed: evict });
  }
}
