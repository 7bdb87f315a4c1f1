export { UnknownNamespaceError } from './cache.errors.js';
export { type CacheEvents } from './cache.events.js';
export {
  type CacheNamespaceOptions,
  type CacheOptions,
  type CacheSetOptions,
  type ResolvedCacheOptions,
  resolveCacheOptions,
  resolveNamespace,
  warnOfShortTtl,
} from './cache.options.js';
export { CacheService, type CacheValue } from './cache.service.js';
export { CacheNamespaces } from './cache-namespaces.js';
export { getCacheToken, InjectCache } from './inject-cache.decorator.js';
