import { refuseUnknownKeys, requireObject } from '../core/common/index.js';
import { requireNamespace } from '../core/keys/index.js';
import { type CachePutOptions, NOT_YET } from './cacheable.options.js';
import { CachePutPlan, type CachePutRules } from './cache-put-plan.js';
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

const KNOWN = ['namespace', 'key', 'ttl', 'tags', 'tagsFrom', 'unless', 'condition'];

/**
 * Always runs the method, and stores what it resolves to. The key is held while the method runs, so that nothing older is
 * stored behind it; who evicts or writes the key meanwhile has the last word. When the method throws, or its result is
 * not to be stored, the key stays evicted. Several on one method are independent of each other.
 *
 * When Redis cannot be reached the method runs all the same, and the event `cache:eviction-failed` tells.
 *
 * @example
 * @CachePut({ key: (id) => id, ttl: '10m' })
 * update(id: string, patch: ProductPatch): Promise<Product> { … }
 * @throws InvalidOptionError when the class is defined or the application starts, naming class and method
 * @throws CacheCallbackError when a function among the options throws
 */
export function CachePut<
  const Options extends CachePutOptions<ArgsOf<Method>, ResultOf<Method>>,
  Method extends AsyncMethod = AsyncMethod,
>(
  options: Options,
): (
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> &
    Fits<
      | TemplateMisfit<Options, ArgsOf<Method>>
      | SharedKeyMisfit<Options, ArgsOf<Method>>
      | UnknownMisfit<Options, keyof CachePutOptions>
    >,
) => void;
/** With the type of the method written out: `@CachePut<Products['update']>({ key: (id) => id })`. Templates need it left out. */
export function CachePut<Method extends AsyncMethod>(
  options: CachePutOptions<ArgsOf<Method>, ResultOf<Method>> & {
    readonly key: Callback<ArgsOf<Method>, string>;
  },
): (prototype: Prototype, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => void;
export function CachePut(
  options: unknown,
): (owner: object, name: string | symbol, descriptor: PropertyDescriptor) => void {
  return (owner, name, descriptor) => {
    const site = new MethodSite('@CachePut', owner, name);
    const rules = rulesOf(site, options);
    decorateMethod(new DecoratedMethod(site, (place) => new CachePutPlan(rules, place)), descriptor);
  };
}

function rulesOf(site: MethodSite, options: unknown): CachePutRules {
  const path = `${site.method} @CachePut`;
  const given = requireObject(path, options);
  if (given.varyBy !== undefined)
    site.refuse('has a varyBy: the other variants of the key would stay as they were. Use @CacheEvict.');
  refuseUnknownKeys(path, given, { known: KNOWN, notYet: NOT_YET });
  const { namespace, key } = given;
  if (key === undefined) site.refuse("needs a key: that of the method that reads the value, such as key: '{0}'.");
  return {
    site,
    namespace: namespace === undefined ? undefined : requireNamespace(site.option('namespace'), namespace),
    key: textRule({ site, name: 'key', expects: 'a text' }, key),
    results: new ResultRules(site, given),
  };
}
