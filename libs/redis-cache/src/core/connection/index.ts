export {
  CommandTimeoutError,
  ConnectionClosedError,
  RedisReplyError,
  RedisUnavailableError,
} from './connection.errors.js';
export { Deadlines } from './deadlines.js';
export { type ConnectionEvents } from './connection.events.js';
export { type ConnectionOptions, type RedisClient, type ResolvedConnection } from './connection.options.js';
export {
  DEFAULT_CONNECTION,
  getConnectionToken,
  getRedisToken,
  InjectRedis,
  InjectRedisConnection,
} from './inject-redis.decorator.js';
export { parseHostAndPort, parseRedisUrl } from './redis-address.js';
export { RedisClock } from './redis-clock.js';
export { type ConnectionStatus, RedisConnection } from './redis-connection.js';
export { RedisConnections } from './redis-connections.js';
export { warnOfResending } from './resending-client.js';
export { resolveConnection } from './resolve-connection.js';
export { type Topology } from './topology.js';
