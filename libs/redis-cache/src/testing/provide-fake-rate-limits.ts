import type { Provider } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  RateLimitExplorer,
  type RateLimitOptions,
  RateLimitService,
  REQUEST_LIMITS,
  RequestLimits,
  resolveRateLimitOptions,
} from '../rate-limit/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { FakeRateLimitService } from './fake-rate-limit.service.js';

/**
 * Everything a unit test needs in place of the rate limits of `RedisCacheModule`: `RateLimitService` (as
 * {@link FakeRateLimitService}, which can also be asked for by its own class) and what `RateLimitGuard` needs. No socket is
 * opened. `provideFakeRedisCache()` has it without options; what stands behind that takes its place.
 *
 * @param options those of `rateLimit` in `forRoot`
 * @throws InvalidOptionError
 * @example
 * const providers = [...provideFakeRedisCache(), ...provideFakeRateLimits({ policies: [{ limit: 100, window: '15m' }] })];
 */
export function provideFakeRateLimits(options: RateLimitOptions = {}): Provider[] {
  const resolved = resolveRateLimitOptions('rateLimit', options);
  return [
    {
      provide: FakeRateLimitService,
      inject: [{ token: RedisCacheEvents, optional: true }],
      useFactory: (events?: RedisCacheEvents) => FakeRateLimitService.create(options, events),
    },
    { provide: RateLimitService, useExisting: FakeRateLimitService },
    {
      provide: REQUEST_LIMITS,
      inject: [RateLimitService, HttpAdapterHost, { token: RedisCacheEvents, optional: true }],
      useFactory: ({ limiter }: RateLimitService, http: HttpAdapterHost, events?: RedisCacheEvents) =>
        new RequestLimits(resolved, { limiter, http, events: events ?? new RedisCacheEvents() }),
    },
    {
      provide: RateLimitExplorer,
      inject: [ModulesContainer, REQUEST_LIMITS],
      useFactory: (modules: ModulesContainer, limits: RequestLimits) =>
        new RateLimitExplorer(new DiscoveryService(modules), limits),
    },
  ];
}
