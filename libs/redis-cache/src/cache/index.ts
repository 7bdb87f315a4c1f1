export { IndexIncompleteError, NamespaceShapeError, UnknownNamespaceError } from './cache.errors.js';
export { type CacheEvents } from './cache.events.js';
export {
  type CacheLoadOptions,
  type CacheNamespaceOptions,
  type CacheOptions,
  type CacheResultOptions,
  type CacheSetOptions,
  type ResolvedCacheOptions,
  resolveCacheOptions,
  resolveNamespace,
  warnOfShortTtl,
} from './cache.options.js';
export { CacheService, type CacheValue } from './cache.service.js';
export { type CacheKeyInfo, type CacheKeysOptions } from './key-listing.js';
export { CacheNamespaces } from './cache-namespaces.js';
export { type EntryExplanation } from './entry-explanation.js';
export { type InvalidationOptions, type InvalidationResult, type InvalidationTarget } from './invalidation-plan.js';
export { requireTags } from './tags.js';
export { getCacheToken, InjectCache } from './inject-cache.decorator.js';
export { type ErrorClass, requireErrorClasses } from './remembered-errors.js';
export { requireSettle } from './invalidation-plan.js';
