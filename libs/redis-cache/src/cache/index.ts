export { type CacheHealth } from './cache-health.js';
export {
  IndexIncompleteError,
  NamespaceShapeError,
  UndeliveredEvictionError,
  UnknownNamespaceError,
  UnknownOutcomeError,
} from './cache.errors.js';
export { type CacheEvents } from './cache.events.js';
export {
  type CacheLoadOptions,
  type CacheNamespaceOptions,
  type CacheOptions,
  type CacheReadOptions,
  type CacheResultOptions,
  type CacheSetOptions,
  type ResolvedCacheOptions,
  type VaryByContext,
  type ResolvedNamespace,
  resolveCacheOptions,
  resolveNamespace,
  warnOfShortTtl,
} from './cache.options.js';
export { type CacheValue } from './cache-requests.js';
export { CacheService } from './cache.service.js';
export { CachesOfOptions } from './caches-of-options.js';
export { type CacheKeyInfo, type CacheKeysOptions } from './key-listing.js';
export {
  CACHE_TIMES,
  CacheNamespaces,
  type NamespaceTraits,
  type OpenNamespace,
  switchedOff,
} from './cache-namespaces.js';
export { type L1Options } from './l1.options.js';
export { type L1State } from './local-copies.js';
export { type EntryExplanation } from './entry-explanation.js';
export { type InvalidationOptions, type InvalidationResult, type InvalidationTarget } from './invalidation-plan.js';
export { requireTagNames, requireTags } from './tags.js';
export { getCacheToken, InjectCache } from './inject-cache.decorator.js';
export { type ErrorClass, requireErrorClasses } from './remembered-errors.js';
export { keepingOutcome } from './keeping-outcome.js';
export { isLeftUndone } from './left-undone.js';
export { requireSettle } from './invalidation-plan.js';

// What a namespace in memory is made of; see testing/.
export { type CacheEntries, type LeaseRequest, type StoreOptions } from './cache-entries.js';
export { CacheNamespace } from './cache-namespace.js';
export { CacheReports } from './cache-reports.js';
export { type LeaseReply } from './cache.scripts.js';
export { readExplanation } from './entry-explanation.js';
export { FillLeases } from './fill-leases.js';
export { type Invalidation } from './invalidation.js';
export { type InvalidationPlan, planInvalidation } from './invalidation-plan.js';
export { type KeyListing } from './key-listing.js';
export { KeyPrefix } from './key-prefix.js';
export { codecOf } from './namespace-codec.js';
export { NamespaceKeys } from './namespace-keys.js';
export { type NamespaceStorage } from './namespace-storage.js';
export { WakeUps } from './wake-ups.js';
