import { Inject } from '@nestjs/common';

export const DEFAULT_CONNECTION = 'default';

/** The token of a connection's {@link RedisConnection}. */
export function getConnectionToken(name: string = DEFAULT_CONNECTION): symbol {
  return Symbol.for(`nestjs-redis-cache:connection:${name}`);
}

/** The token of a connection's ioredis client. */
export function getRedisToken(name: string = DEFAULT_CONNECTION): symbol {
  return Symbol.for(`nestjs-redis-cache:redis:${name}`);
}

/**
 * Injects the ioredis client of a connection. It connects with its first command, if nothing else has used it before.
 *
 * @example constructor(@InjectRedis() private readonly redis: Redis) {}
 */
export function InjectRedis(name: string = DEFAULT_CONNECTION): ParameterDecorator & PropertyDecorator {
  return Inject(getRedisToken(name));
}

/** Injects the {@link RedisConnection} of that name. The default one can be injected by its class alone. */
export function InjectRedisConnection(name: string = DEFAULT_CONNECTION): ParameterDecorator & PropertyDecorator {
  return Inject(getConnectionToken(name));
}
