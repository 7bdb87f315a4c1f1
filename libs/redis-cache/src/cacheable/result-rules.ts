import { type CacheResultOptions, requireTags, warnOfShortTtl } from '../cache/index.js';
import { refuse, toTtlMs, type Ttl } from '../core/common/index.js';
import { callBack } from './callbacks.js';
import type { CacheConfigOptions } from './cacheable.options.js';
import type { MethodCall } from './method-plan.js';
import type { MethodSite } from './method-site.js';
import { resultRule, textRule, type TextRule } from './text-rules.js';

/** What `@CacheConfig` says of results. */
type ResultConfig = Pick<CacheConfigOptions, 'ttl' | 'tags'>;

type Callback = (...args: never[]) => unknown;

const NO_TEXTS: TextRule = () => [];

/** How the results of a method are stored: what `@Cacheable` and `@CachePut` say of it. */
export class ResultRules {
  private readonly tags: TextRule;
  private readonly tagsFrom: TextRule | undefined;

  /** @throws InvalidOptionError naming class, method and option */
  constructor(
    private readonly site: MethodSite,
    private readonly given: Readonly<Record<string, unknown>>,
  ) {
    const { ttl, tags, tagsFrom, unless, condition } = given;
    if (ttl !== undefined && typeof ttl !== 'function') toTtlMs(site.option('ttl'), ttl);
    this.tags = tags === undefined ? NO_TEXTS : textRule({ site, name: 'tags', expects: 'an array of texts' }, tags);
    this.tagsFrom =
      tagsFrom === undefined
        ? undefined
        : resultRule({ site, name: 'tagsFrom', expects: 'an array of texts' }, tagsFrom);
    for (const [name, callback] of Object.entries({ unless, condition }))
      if (callback !== undefined && typeof callback !== 'function') refuse(site.option(name), 'a function', callback);
  }

  /** Whether results are stored under tags. */
  hasTags(config: ResultConfig): boolean {
    return this.given.tags !== undefined || this.tagsFrom !== undefined || (config.tags ?? []).length > 0;
  }

  /** Whether the cache takes part in a call. */
  isWanted(call: MethodCall): boolean {
    const { condition } = this.given;
    return condition === undefined || this.holds('condition', call, call.args);
  }

  optionsFor(call: MethodCall, config: ResultConfig): CacheResultOptions<unknown> {
    const { unless } = this.given;
    const { tagsFrom } = this;
    const ttl = this.ttlFor(call, config);
    const tags = requireTags(this.site.option('tags'), [...(config.tags ?? []), ...this.tags(call)]);
    return {
      ...(ttl === undefined ? {} : { ttl }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(tagsFrom === undefined
        ? {}
        : { tagsFrom: (result) => requireTags(this.site.option('tagsFrom'), tagsFrom(call, result)) }),
      ...(unless === undefined ? {} : { unless: (result) => this.holds('unless', call, [result, ...call.args]) }),
    };
  }

  warnings(): readonly string[] {
    return warnOfShortTtl(this.site.option('ttl'), this.given.ttl);
  }

  private ttlFor(call: MethodCall, config: ResultConfig): CacheResultOptions<unknown>['ttl'] {
    const { ttl = config.ttl } = this.given;
    if (typeof ttl !== 'function') return ttl as Ttl | undefined;
    const option = this.site.option('ttl');
    return (result) => {
      const chosen = callBack(option, ttl as Callback, { call, given: [result, ...call.args] });
      toTtlMs(option, chosen);
      return chosen as Ttl;
    };
  }

  private holds(name: 'condition' | 'unless', call: MethodCall, given: readonly unknown[]): boolean {
    const option = this.site.option(name);
    const answer = callBack(option, this.given[name] as Callback, { call, given });
    return typeof answer === 'boolean' ? answer : refuse(option, 'a function that returns true or false', answer);
  }
}
