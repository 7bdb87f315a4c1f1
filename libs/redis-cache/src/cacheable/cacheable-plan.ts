import type { CacheLoadOptions, CacheReadOptions, CacheService } from '../cache/index.js';
import type { CacheAccess } from './cache-access.js';
import type { RegisteredParts } from './argument-text.js';
import { type ClassConfig, classConfigOf } from './cache-config.decorator.js';
import { defaultKey, headOfDefaultKeys } from './default-key.js';
import { ExplicitKey } from './explicit-key.js';
import type { MethodCall, MethodPlan, PlanPlace } from './method-plan.js';
import { classNameOf, type MethodSite } from './method-site.js';
import { NO_TAGS, openNamespace, traitsOf } from './open-namespace.js';
import type { ResultRules } from './result-rules.js';
import type { TextRule } from './text-rules.js';
import { Variants } from './variants.js';

/** What stands in the options of `@Cacheable`, checked. */
export interface CacheableRules {
  readonly site: MethodSite;
  readonly namespace: string | undefined;
  readonly key: TextRule | undefined;
  /** The key, when it was written as a text. */
  readonly keyText: string | undefined;
  readonly results: ResultRules;
  readonly errors: Pick<CacheLoadOptions<unknown>, 'cacheErrors' | 'errorTtl'>;
  readonly reads: CacheReadOptions;
  readonly varyBy: unknown;
}

/** `@Cacheable` on one method, in one application and for one class. */
export class CacheablePlan implements MethodPlan {
  private readonly access: CacheAccess;
  private readonly cache: CacheService;
  private readonly config: ClassConfig;
  private readonly namespace: string | undefined;
  private readonly variants: Variants;
  private readonly bareKeyOf: (call: MethodCall) => string;

  constructor(
    private readonly rules: CacheableRules,
    place: PlanPlace,
  ) {
    const { site, varyBy, results } = rules;
    this.access = place.access;
    this.config = classConfigOf(place.prototype);
    this.namespace = rules.namespace ?? this.config.namespace;
    this.cache = openNamespace(site, place.access, this.namespace);
    if (results.hasTags(this.config) && !traitsOf(this.cache).keepsTags) site.refuse(NO_TAGS);
    this.variants = new Variants(site, [
      ...traitsOf(this.cache).varyBy,
      ...this.config.varyBy,
      ...(varyBy === undefined ? [] : [varyBy]),
    ]);
    if (this.variants.areMany) this.access.noteVariants(this.namespace);
    this.bareKeyOf = rules.key === undefined ? this.defaultKeys(place) : this.explicitKeys(rules.key, place);
    for (const warning of results.warnings()) this.access.warnOnce(warning, warning);
  }

  async run(call: MethodCall): Promise<unknown> {
    const { results, errors, reads } = this.rules;
    if (!results.isWanted(call)) return call.proceed();
    const key = this.variants.keyFor(this.bareKeyOf(call), call);
    // The load of a key has come back to the same key, by super or by a detour: it would wait for itself.
    if (this.access.isLoading(this.namespace, key)) return call.proceed();
    const load = (): Promise<unknown> => this.access.whileLoading(this.namespace, key, call.proceed);
    return this.cache.getOrSet(key, load, { ...results.optionsFor(call, this.config), ...errors, ...reads });
  }

  private explicitKeys(rule: TextRule, place: PlanPlace): (call: MethodCall) => string {
    const { site, keyText } = this.rules;
    const { access, namespace } = this;
    if (keyText !== undefined) warnOfSharedText(site, keyText, { place, namespace });
    const key = new ExplicitKey(rule, { site, access, namespace });
    return (call) => key.of(call);
  }

  private defaultKeys({ access, prototype }: PlanPlace): (call: MethodCall) => string {
    const { site } = this.rules;
    const kind = access.kindOf(prototype);
    if (kind !== 'shared' && !this.variants.areMany)
      return site.refuse(
        `needs a key or varyBy: ${classNameOf(prototype)} is ${kind === 'controller' ? 'a controller' : 'request-scoped'}, where a method may answer ` +
          'for one user, and a default key knows nothing but the arguments. ' +
          'Write key: (…) => …, or varyBy: { user: () => … }.',
      );
    const head = headOfDefaultKeys(site, prototype);
    access.claims.claimHead(this.namespace, head, { site, prototype });
    const { classes } = traitsOf(this.cache);
    const partsOf: RegisteredParts = (instance) => classes.partsOf(instance);
    return ({ args }) => defaultKey(head, args, { method: site.method, partsOf });
  }
}

function warnOfSharedText(
  site: MethodSite,
  text: string,
  { place, namespace }: { readonly place: PlanPlace; readonly namespace: string | undefined },
): void {
  const { access, prototype } = place;
  const other = access.claims.claimText(namespace, text, { site, prototype });
  if (other === undefined || process.env.NODE_ENV === 'production') return;
  access.warnOnce(
    `key ${site.method} ${text}`,
    `${site.option('key')} is '${text}', as that of ${other}: in the cache namespace "${namespace ?? 'default'}" they ` +
      'answer for each other. Begin one of the keys differently.',
  );
}
