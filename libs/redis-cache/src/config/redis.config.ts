import { registerAs } from '@nestjs/config';
import type { RedisCacheOptions } from '../redis-cache.options.js';
import { redisOptionsFromEnv } from './redis-options-from-env.js';

const ofNest = registerAs('redis', (): RedisCacheOptions => redisOptionsFromEnv(process.env));
const { asProvider: _, ...properties } = Object.getOwnPropertyDescriptors(ofNest);

/**
 * The environment as a configuration of `@nestjs/config`. With `REDIS_DURABLE_URL` set, `asProvider()` names the
 * connections too, so that `durable` can be injected; a variable that a file brings must have been read before, by a
 * `ConfigModule.forRoot()` that stands earlier in `imports`.
 *
 * @example RedisCacheModule.forRootAsync(redisConfig.asProvider())
 */
export const redisConfig: typeof ofNest = Object.defineProperties(
  (() => ofNest()) as typeof ofNest, // a copy: what registerAs has defined cannot be changed
  { ...properties, asProvider: { value: () => ({ ...ofNest.asProvider(), ...connectionsIn(process.env) }) } },
);

function connectionsIn({ REDIS_DURABLE_URL }: NodeJS.ProcessEnv): { readonly connections?: readonly string[] } {
  return REDIS_DURABLE_URL ? { connections: ['default', 'durable'] } : {};
}
