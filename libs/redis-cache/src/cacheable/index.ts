export { CACHE_ACCESS, CacheAccess } from './cache-access.js';
export { CacheConfig } from './cache-config.decorator.js';
export { CacheEvict } from './cache-evict.decorator.js';
export { type CacheEvictOperation } from './cache-evict.options.js';
export { CachePut } from './cache-put.decorator.js';
export { Cacheable } from './cacheable.decorator.js';
export { CacheCallbackError, MissingContextError, UnsupportedArgumentError } from './cacheable.errors.js';
export { CacheableExplorer } from './cacheable.explorer.js';
export {
  type CacheableOptions,
  type CacheConfigOptions,
  type CachePutOptions,
  type VaryBy,
  type VaryByValue,
} from './cacheable.options.js';
export { UnitOfWork } from './unit-of-work.decorator.js';

// What other decorators of methods are made of.
export { disguise } from './decorate-method.js';
export {
  type ArgsOf,
  type AsyncMethod,
  type Callback,
  type Fits,
  type Prototype,
  type ResultOf,
  type TemplateMisfit,
  type UnknownMisfit,
} from './fits.js';
export { KeyTemplate } from './key-template.js';
export { MethodSite } from './method-site.js';
export { accessOf, injectAccess, wireCache } from './wire-cache.js';
