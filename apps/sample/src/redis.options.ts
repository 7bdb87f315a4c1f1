import { randomUUID } from 'node:crypto';
import type { RedisCacheOptions, SessionOptions } from 'nestjs-redis-cache';
import type { Environment } from './environment.js';

/**
 * The options of the environment. A database in memory ends with its process while Redis stays: such a process
 * has keys of its own, or the next one would be shown what this one has cached.
 */
export function redisOptions(
  fromEnvironment: RedisCacheOptions,
  { DATABASE_URL, RATE_LIMIT_TIMEOUT: timeout }: Environment,
): RedisCacheOptions {
  const keyPrefix = fromEnvironment.keyPrefix ?? 'shop';
  const connection = fromEnvironment.connections ? 'durable' : 'default';
  return {
    ...fromEnvironment,
    keyPrefix: DATABASE_URL ? keyPrefix : `${keyPrefix}:${randomUUID()}`,
    lock: {
      connection,
      ttl: '5s',
      // Nobody can hold a lock from before among keys that are new: a Redis that has just started needs no wait.
      afterDataLoss: DATABASE_URL ? 'wait' : 'grant',
    },
    rateLimit: { connection, ...(timeout === undefined ? {} : { timeout }) },
    session: { connection, ...sessions() },
  };
}

/** In production the cookie is for https alone; here the shop is also opened over http://localhost. */
function sessions(): SessionOptions {
  return process.env.NODE_ENV === 'production' ? {} : { cookie: { secure: 'auto' } };
}
