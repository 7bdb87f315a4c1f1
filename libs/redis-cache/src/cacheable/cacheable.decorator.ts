import { requireErrorClasses } from '../cache/index.js';
import { refuse, refuseUnknownKeys, requireObject, toMs } from '../core/common/index.js';
import { requireNamespace } from '../core/keys/index.js';
import { NOT_YET, type CacheableOptions } from './cacheable.options.js';
import { CacheablePlan, type CacheableRules } from './cacheable-plan.js';
import { decorateMethod } from './decorate-method.js';
import type {
  ArgsOf,
  AsyncMethod,
  Callback,
  Fits,
  Prototype,
  ResultOf,
  SharedKeyMisfit,
  TemplateMisfit,
  UnknownMisfit,
} from './fits.js';
import { DecoratedMethod } from './method-plan.js';
import { MethodSite } from './method-site.js';
import { ResultRules } from './result-rules.js';
import { textRule } from './text-rules.js';
import { requireVaryBy } from './variants.js';

const KNOWN = [
  'namespace',
  'key',
  'ttl',
  'tags',
  'tagsFrom',
  'unless',
  'condition',
  'varyBy',
  'cacheErrors',
  'errorTtl',
  'l1',
];

/**
 * Answers calls of a method from the cache: the method runs when there is no entry, once for all who ask at the same
 * time, in all processes, and what it resolves to is stored. What it throws is thrown and not stored, unless `cacheErrors` names it; `null` is stored,
 * `undefined` is not. The types of the functions among the options come from the method.
 *
 * @example
 * @Cacheable({ key: 'product:{0}', ttl: '10m', tagsFrom: (product) => [`category:${product.categoryId}`] })
 * find(id: string): Promise<Product> { … }
 * @throws InvalidOptionError, NotAvailableYetError when the class is defined or the application starts, naming class and method
 * @throws UnsupportedArgumentError, MissingContextError, CacheCallbackError at a call for which there is no key
 */
export function Cacheable<
  const Options extends CacheableOptions<ArgsOf<Method>, ResultOf<Method>>,
  Method extends AsyncMethod = AsyncMethod,
>(
  options?: Options,
): (
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> &
    Fits<
      | TemplateMisfit<Options, ArgsOf<Method>>
      | SharedKeyMisfit<Options, ArgsOf<Method>>
      | UnknownMisfit<Options, keyof CacheableOptions>
    >,
) => void;
/** With the type of the method written out: `@Cacheable<Products['find']>({ key: (id) => id })`. Templates need it left out. */
export function Cacheable<Method extends AsyncMethod>(
  options?: CacheableOptions<ArgsOf<Method>, ResultOf<Method>> & {
    readonly key?: Callback<ArgsOf<Method>, string>;
  },
): (prototype: Prototype, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => void;
export function Cacheable(
  options: unknown = {},
): (owner: object, name: string | symbol, descriptor: PropertyDescriptor) => void {
  return (owner, name, descriptor) => {
    const site = new MethodSite('@Cacheable', owner, name);
    const rules = rulesOf(site, options);
    decorateMethod(new DecoratedMethod(site, (place) => new CacheablePlan(rules, place)), descriptor);
  };
}

function rulesOf(site: MethodSite, options: unknown): CacheableRules {
  const path = `${site.method} @Cacheable`;
  const given = requireObject(path, options);
  refuseUnknownKeys(path, given, { known: KNOWN, notYet: NOT_YET });
  const { namespace, key, varyBy, cacheErrors, errorTtl, l1 } = given;
  if (varyBy !== undefined) requireVaryBy(site.option('varyBy'), varyBy);
  if (l1 !== undefined && l1 !== false)
    refuse(site.option('l1'), 'false: a method can only switch it off, the namespace has it on', l1);
  if (errorTtl !== undefined && cacheErrors === undefined)
    site.refuse('has errorTtl, but no cacheErrors whose time it would be.');
  return {
    site,
    namespace: namespace === undefined ? undefined : requireNamespace(site.option('namespace'), namespace),
    key: key === undefined ? undefined : textRule({ site, name: 'key', expects: 'a text' }, key),
    keyText: typeof key === 'string' ? key : undefined,
    results: new ResultRules(site, given),
    errors: {
      cacheErrors: cacheErrors === undefined ? [] : requireErrorClasses(site.option('cacheErrors'), cacheErrors),
      ...(errorTtl === undefined ? {} : { errorTtl: toMs(site.option('errorTtl'), errorTtl) }),
    },
    reads: l1 === undefined ? {} : { l1 },
    varyBy,
  };
}
