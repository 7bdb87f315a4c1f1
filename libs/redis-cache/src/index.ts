export {
  type CacheEvents,
  type CacheKeyInfo,
  type CacheLoadOptions,
  type CacheNamespaceOptions,
  type CacheOptions,
  type CacheResultOptions,
  CacheService,
  type CacheSetOptions,
  type CacheValue,
  type EntryExplanation,
  getCacheToken,
  InjectCache,
  type InvalidationResult,
  type InvalidationTarget,
  UnknownNamespaceError,
} from './cache/index.js';
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
export { InvalidKeyError } from './core/keys/index.js';
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
