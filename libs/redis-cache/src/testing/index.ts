export { FakeCacheService } from './fake-cache.service.js';
export { FakeLockService } from './fake-lock.service.js';
export { provideFakeRedisCache } from './provide-fake-redis-cache.js';
