export { FakeCacheService } from './fake-cache.service.js';
export { FakeLockService } from './fake-lock.service.js';
export { FakeRateLimitService } from './fake-rate-limit.service.js';
export { FakeSessionService } from './fake-session.service.js';
export { provideFakeRateLimits } from './provide-fake-rate-limits.js';
export { provideFakeRedisCache } from './provide-fake-redis-cache.js';
export { provideFakeSessions } from './provide-fake-sessions.js';
