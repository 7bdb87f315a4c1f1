import type { CacheService, NamespaceTraits } from '../cache/index.js';
import { ClassRegistry } from '../core/codec/index.js';
import { InvalidOptionError, messageOf } from '../core/common/index.js';
import type { CacheAccess } from './cache-access.js';
import type { MethodSite } from './method-site.js';

/** @throws InvalidOptionError naming the method, when nobody has declared the namespace */
export function openNamespace(site: MethodSite, access: CacheAccess, namespace: string | undefined): CacheService {
  try {
    return access.cacheOf(namespace);
  } catch (error) {
    throw new InvalidOptionError(site.option('namespace'), messageOf(error), { cause: error });
  }
}

/** Whoever overrides the service in a test may give one that has nothing but the methods it needs. */
export function traitsOf(cache: Partial<Pick<CacheService, 'traits'>>): NamespaceTraits {
  return cache.traits ?? { classes: new ClassRegistry([]), varyBy: [], hasIndex: true, keepsTags: true };
}

/** Why a method cannot store its results under tags. */
export const NO_TAGS =
  "has tags, which its namespace has no place for: they need the serializer 'typed' or 'msgpack', and an index.";
