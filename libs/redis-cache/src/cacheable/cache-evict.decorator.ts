import { type CacheEvictOperation, type OperationMisfit } from './cache-evict.options.js';
import { CacheEvictPlan } from './cache-evict-plan.js';
import { decorateMethod } from './decorate-method.js';
import { EvictOperation } from './evict-operation.js';
import type { ArgsOf, AsyncMethod, Fits, Prototype, ResultOf, TemplateMisfit, UnknownMisfit } from './fits.js';
import { DecoratedMethod } from './method-plan.js';
import { MethodSite } from './method-site.js';

type Misfits<Operations extends readonly unknown[], Method extends AsyncMethod> = {
  [At in keyof Operations]:
    | TemplateMisfit<Operations[At], ArgsOf<Method>>
    | OperationMisfit<Operations[At]>
    | UnknownMisfit<Operations[At], keyof CacheEvictOperation>;
}[number];

/**
 * Evicts entries when a method has succeeded. The operations are carried out together, in one invalidation for each
 * namespace; when the call resolves, no read that starts afterwards, in any process, returns a value whose load began before.
 *
 * The method's result is not changed by it. When Redis cannot be reached, the event `cache:eviction-failed` tells, and a
 * warning: old values may then be read until their ttl ends.
 *
 * @example
 * @CacheEvict({ key: (id) => id }, { pattern: 'list:*' }, { namespace: 'reviews', pattern: 'product:{0}:*' })
 * update(id: string, patch: ProductPatch): Promise<Product> { … }
 * @throws InvalidOptionError when the class is defined or the application starts, naming class and method
 * @throws CacheCallbackError when a function among the options throws: before the method runs, or after it has, for those
 * that end in `From`
 */
export function CacheEvict<
  const Operations extends readonly CacheEvictOperation<ArgsOf<Method>, ResultOf<Method>>[],
  Method extends AsyncMethod = AsyncMethod,
>(
  ...operations: Operations
): (
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> & Fits<Misfits<Operations, Method>>,
) => void;
/** With the type of the method written out: `@CacheEvict<Products['update']>({ key: (id) => id })`. */
export function CacheEvict<Method extends AsyncMethod>(
  ...operations: readonly CacheEvictOperation<ArgsOf<Method>, ResultOf<Method>>[]
): (prototype: Prototype, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => void;
export function CacheEvict(
  ...operations: readonly unknown[]
): (owner: object, name: string | symbol, descriptor: PropertyDescriptor) => void {
  return (owner, name, descriptor) => {
    const site = new MethodSite('@CacheEvict', owner, name);
    if (operations.length === 0) site.refuse("says nothing to evict. Write for example { key: '{0}' }.");
    const checked = operations.map((operation, at) => new EvictOperation(site, operation, at));
    decorateMethod(new DecoratedMethod(site, (place) => new CacheEvictPlan(site, checked, place)), descriptor);
  };
}
