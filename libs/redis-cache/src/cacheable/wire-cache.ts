import { Inject } from '@nestjs/common';
import type { CacheService } from '../cache/index.js';
import { CACHE_ACCESS, CacheAccess } from './cache-access.js';

/**
 * Gives its cache to an instance that Nest has not made itself. Decorated methods of such an instance run uncached
 * otherwise, and warn once.
 *
 * @param cache used by methods that name no namespace; the others use its `namespace(name)`
 * @returns the instance
 * @example { provide: Rates, inject: [CacheService], useFactory: (cache: CacheService) => wireCache(new Rates(), cache) }
 */
export function wireCache<T extends object>(instance: T, cache: CacheService): T {
  return Object.assign(instance, { [CACHE_ACCESS]: new CacheAccess(cache) });
}

/** Has Nest inject the cache into instances of the class, as a property that nobody meets by chance. */
export function injectAccess(owner: object): void {
  if (CACHE_ACCESS in owner) return; // of the class above
  Inject(CACHE_ACCESS)(owner, CACHE_ACCESS);
  Object.defineProperty(owner, CACHE_ACCESS, {
    get: () => undefined,
    // Not enumerable: whoever prints, compares or spreads the instance has nothing to do with it.
    set(this: object, access: CacheAccess) {
      Object.defineProperty(this, CACHE_ACCESS, { value: access, configurable: true, writable: true });
    },
    configurable: true,
  });
}

/** The cache that an instance was given. */
export function accessOf(instance: unknown): CacheAccess | undefined {
  if (typeof instance !== 'object' || instance === null) return undefined;
  return (instance as { [CACHE_ACCESS]?: CacheAccess })[CACHE_ACCESS];
}
