import * as config from 'nestjs-redis-cache/config';
import * as root from 'nestjs-redis-cache';

/** Every name here is a promise: adding one is a feature, removing one a breaking change. */
describe('the public API', () => {
  it('of nestjs-redis-cache', () => {
    expect(Object.keys(root).sort()).toEqual([
      'CacheService',
      'CommandTimeoutError',
      'ConnectionClosedError',
      'InjectCache',
      'InjectRedis',
      'InjectRedisConnection',
      'InvalidKeyError',
      'InvalidOptionError',
      'NotAvailableYetError',
      'RedisCacheError',
      'RedisCacheEvents',
      'RedisCacheModule',
      'RedisConnection',
      'RedisReplyError',
      'RedisUnavailableError',
      'UndecodableError',
      'UnknownNamespaceError',
      'UnsupportedValueError',
      'defineScript',
      'getCacheToken',
      'getConnectionToken',
      'getRedisToken',
      'isRedisCacheError',
    ]);
  });

  it('of nestjs-redis-cache/config', () => {
    expect(Object.keys(config).sort()).toEqual(['RedisEnvironment', 'redisConfig', 'redisOptionsFromEnv']);
  });
});
