import { registerAs } from '@nestjs/config';
import type { RedisCacheOptions } from '../redis-cache.options.js';
import { redisOptionsFromEnv } from './redis-options-from-env.js';

/**
 * The environment as a configuration of `@nestjs/config`.
 *
 * @example RedisCacheModule.forRootAsync(redisConfig.asProvider())
 */
export const redisConfig = registerAs('redis', (): RedisCacheOptions => redisOptionsFromEnv(process.env));
