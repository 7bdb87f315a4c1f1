export { redisConfig } from './redis.config.js';
export { RedisEnvironment } from './redis.environment.js';
export { redisOptionsFromEnv } from './redis-options-from-env.js';
