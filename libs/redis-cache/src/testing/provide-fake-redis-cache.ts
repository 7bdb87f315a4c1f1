import type { Provider } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { type CacheOptions, CacheService, getCacheToken } from '../cache/index.js';
import { CACHE_ACCESS, CacheableExplorer, CacheAccess } from '../cacheable/index.js';
import { LOCK_ACCESS, LockService } from '../lock/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { FakeCacheService } from './fake-cache.service.js';
import { FakeLockService } from './fake-lock.service.js';
import { provideFakeRateLimits } from './provide-fake-rate-limits.js';

/**
 * What `RedisCacheModule` would provide, in the memory of the test: `CacheService` (a {@link FakeCacheService}, which can
 * also be asked for by its own class), `@InjectCache(name)` for each namespace in the options, `LockService` (a
 * {@link FakeLockService}), `RateLimitService` (a `FakeRateLimitService`) with what `RateLimitGuard` needs,
 * `RedisCacheEvents`, and what is behind `@Cacheable`, `@CacheEvict`, `@CachePut` and `@WithLock`. No socket is opened.
 *
 * @param options those of `cache` in `forRoot`. @default the namespace `default` alone
 * @example
 * const moduleRef = await Test.createTestingModule({
 *   providers: [ProductsRepository, ...provideFakeRedisCache({ namespaces: { products: { classes: [Product] } } })],
 * }).compile();
 * const cache = moduleRef.get(FakeCacheService).namespace('products');
 */
export function provideFakeRedisCache(options: CacheOptions = {}): Provider[] {
  return [
    { provide: RedisCacheEvents, useFactory: () => new RedisCacheEvents() },
    {
      provide: FakeCacheService,
      inject: [RedisCacheEvents],
      useFactory: (events: RedisCacheEvents) => FakeCacheService.create(options, events),
    },
    ...provideFakeRateLimits(),
    { provide: CacheService, useExisting: FakeCacheService },
    {
      provide: FakeLockService,
      inject: [RedisCacheEvents],
      useFactory: (events: RedisCacheEvents) => FakeLockService.create({}, events),
    },
    { provide: LockService, useExisting: FakeLockService },
    { provide: LOCK_ACCESS, useExisting: LockService },
    ...Object.keys(options.namespaces ?? {}).map((name) => ({
      provide: getCacheToken(name),
      inject: [CacheService],
      useFactory: (cache: CacheService) => cache.namespace(name),
    })),
    {
      provide: CACHE_ACCESS,
      inject: [CacheService],
      useFactory: (cache: CacheService) => new CacheAccess(cache),
    },
    {
      provide: CacheableExplorer,
      inject: [ModulesContainer, CACHE_ACCESS],
      useFactory: (modules: ModulesContainer, access: CacheAccess) =>
        new CacheableExplorer(new DiscoveryService(modules), access),
    },
  ];
}
