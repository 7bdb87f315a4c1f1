export { FakeCacheService } from './fake-cache.service.js';
export { FakeRateLimitService } from './fake-rate-limit.service.js';
export { provideFakeRedisCache } from './provide-fake-redis-cache.js';
