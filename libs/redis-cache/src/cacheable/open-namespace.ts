import type { CacheService } from '../cache/index.js';
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
