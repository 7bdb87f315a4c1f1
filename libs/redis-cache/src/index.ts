export {
  type CacheEvents,
  type CacheKeyInfo,
  type CacheKeysOptions,
  type CacheLoadOptions,
  type CacheNamespaceOptions,
  type CacheOptions,
  type CacheResultOptions,
  CacheService,
  type CacheSetOptions,
  type CacheValue,
  type EntryExplanation,
  type ErrorClass,
  getCacheToken,
  IndexIncompleteError,
  InjectCache,
  type InvalidationOptions,
  type InvalidationResult,
  type InvalidationTarget,
  NamespaceShapeError,
  UnknownNamespaceError,
  type VaryByContext,
} from './cache/index.js';
export {
  Cacheable,
  type CacheableOptions,
  CacheCallbackError,
  CacheConfig,
  type CacheConfigOptions,
  CacheEvict,
  type CacheEvictOperation,
  CachePut,
  type CachePutOptions,
  MissingContextError,
  UnsupportedArgumentError,
  type VaryBy,
  type VaryByValue,
  UnitOfWork,
  wireCache,
} from './cacheable/index.js';
export {
  type ClassCodec,
  type ClassRegistration,
  type CustomSerializer,
  type RegisteredClass,
  type SerializerOption,
  UndecodableError,
  UnsupportedValueError,
} from './core/codec/index.js';
export {
  type Duration,
  InvalidOptionError,
  isRedisCacheError,
  NotAvailableYetError,
  RedisCacheError,
  type Ttl,
} from './core/common/index.js';
export {
  CommandTimeoutError,
  ConnectionClosedError,
  type ConnectionEvents,
  type ConnectionOptions,
  type ConnectionStatus,
  getConnectionToken,
  getRedisToken,
  InjectRedis,
  InjectRedisConnection,
  type RedisClient,
  RedisConnection,
  RedisReplyError,
  RedisUnavailableError,
  type Topology,
} from './core/connection/index.js';
export { InvalidKeyError, InvalidPatternError } from './core/keys/index.js';
export {
  defineScript,
  type RawReply,
  type Script,
  type ScriptArgument,
  type ScriptDefinition,
} from './core/scripts/index.js';
export { type RedisCacheEventMap, RedisCacheEvents } from './redis-cache.events.js';
export {
  type CacheFeature,
  type RedisCacheAsyncOptions,
  RedisCacheModule,
  type RedisCacheOptionsFactory,
} from './redis-cache.module.js';
export { type RedisCacheOptions } from './redis-cache.options.js';
