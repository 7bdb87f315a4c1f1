import * as config from 'nestjs-redis-cache/config';
import * as eventEmitter from 'nestjs-redis-cache/event-emitter';
import * as testing from 'nestjs-redis-cache/testing';
import * as root from 'nestjs-redis-cache';

/** Every name here is a promise: adding one is a feature, removing one a breaking change. */
describe('the public API', () => {
  it('of nestjs-redis-cache', () => {
    expect(Object.keys(root).sort()).toEqual([
      'CacheCallbackError',
      'CacheConfig',
      'CacheEvict',
      'CachePut',
      'CacheService',
      'Cacheable',
      'CommandTimeoutError',
      'ConnectionClosedError',
      'CsrfGuard',
      'CurrentSession',
      'FreshLoginRequiredException',
      'HttpSession',
      'IndexIncompleteError',
      'InjectCache',
      'InjectRedis',
      'InjectRedisConnection',
      'InvalidKeyError',
      'InvalidOptionError',
      'InvalidPatternError',
      'Lock',
      'LockGroup',
      'LockLostError',
      'LockService',
      'LockTimeoutError',
      'LockUnavailableError',
      'LoginRevokedException',
      'MissingContextError',
      'NamespaceShapeError',
      'NotAvailableYetError',
      'RateLimit',
      'RateLimitExceededException',
      'RateLimitGuard',
      'RateLimitService',
      'RateLimitTimeoutError',
      'RedisCacheError',
      'RedisCacheEvents',
      'RedisCacheModule',
      'RedisConnection',
      'RedisReplyError',
      'RedisUnavailableError',
      'ReplicasBehindError',
      'RequireFreshLogin',
      'ResponseSentError',
      'Semaphore',
      'SessionConflictException',
      'SessionGuard',
      'SessionLimitException',
      'SessionService',
      'SessionTooLargeException',
      'SessionUnavailableException',
      'SessionUser',
      'SkipCsrf',
      'SkipRateLimit',
      'UndecodableError',
      'UndeliveredEvictionError',
      'UnitOfWork',
      'UnknownNamespaceError',
      'UnknownOutcomeError',
      'UnsupportedArgumentError',
      'UnsupportedValueError',
      'WithLock',
      'currentLock',
      'defineScript',
      'fencedSet',
      'getCacheToken',
      'getConnectionToken',
      'getRedisToken',
      'isRedisCacheError',
      'loginPolicies',
      'wireCache',
      'wireLocks',
    ]);
  });

  it('of nestjs-redis-cache/config', () => {
    expect(Object.keys(config).sort()).toEqual(['RedisEnvironment', 'redisConfig', 'redisOptionsFromEnv']);
  });

  it('of nestjs-redis-cache/event-emitter', () => {
    expect(Object.keys(eventEmitter)).toEqual(['InvalidateOn']);
  });

  it('of nestjs-redis-cache/testing', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'FakeCacheService',
      'FakeLockService',
      'FakeRateLimitService',
      'FakeSessionService',
      'provideFakeRateLimits',
      'provideFakeRedisCache',
      'provideFakeSessions',
    ]);
  });
});
