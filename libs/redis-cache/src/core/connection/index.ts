export { type BreakerState } from './circuit-breaker.js';
export {
  CommandTimeoutError,
  ConnectionClosedError,
  RedisReplyError,
  RedisUnavailableError,
  ReplicasBehindError,
} from './connection.errors.js';
export {
  Coherence,
  type CoherenceClock,
  COHERENCE_BOUND_MS,
  type Heart,
  HEARTBEAT_MS,
  type VoidReason,
} from './coherence.js';
export { withDeadline } from './deadline.js';
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
export { type GuardedConnection } from './guarded-connection.js';
export { type Servers } from './servers.js';
export { parseHostAndPort, parseRedisUrl } from './redis-address.js';
export { RedisClock } from './redis-clock.js';
export { type ConnectionStatus, RedisConnection } from './redis-connection.js';
export { RedisConnections } from './redis-connections.js';
export { type Replicas } from './replicas.js';
export { type ServerLife } from './server-life.js';
export { type Recovery } from './servers.js';
export { warnOfResending } from './resending-client.js';
export { resolveConnection } from './resolve-connection.js';
export { type Topology } from './topology.js';
export { type ChangeListener } from './tracking.js';
