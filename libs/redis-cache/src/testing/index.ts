export { FakeCacheService } from './fake-cache.service.js';
export { provideFakeRedisCache } from './provide-fake-redis-cache.js';
