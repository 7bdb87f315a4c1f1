import type { CacheService } from '../cache/index.js';
import { decorateMethod } from './decorate-method.js';
import type { AsyncMethod, Prototype } from './fits.js';
import { DecoratedMethod, type MethodPlan } from './method-plan.js';
import { MethodSite } from './method-site.js';

/**
 * The method is a transaction of the source: evictions inside, of whatever namespace and however deep, are carried out
 * when it settles, also when it throws; nothing that is loaded inside is stored. See `CacheService.unitOfWork`.
 *
 * It goes around the transaction, not into it: a transaction begun by another decorator stands below this one.
 *
 * @example
 * @UnitOfWork()
 * move(id: string, category: string): Promise<Product> { return this.dataSource.transaction(…); }
 * @throws InvalidOptionError when the class is defined, on a static method
 */
export function UnitOfWork(): <Method extends AsyncMethod>(
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void {
  return (owner, name, descriptor) => {
    const site = new MethodSite('@UnitOfWork', owner, name);
    decorateMethod(new DecoratedMethod(site, ({ access }) => unitIn(access.cacheOf(undefined))), descriptor);
  };
}

function unitIn(cache: CacheService): MethodPlan {
  return { run: ({ proceed }) => cache.unitOfWork(proceed) };
}
