import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { KeySpace } from '../core/keys/index.js';
import { DeniedCallers } from './denied-callers.js';
import { MemoryLimits } from './memory-limits.js';
import { RateLimitKeys } from './rate-limit-keys.js';
import type { RateLimitEvents } from './rate-limit.events.js';
import type { ResolvedRateLimitOptions } from './rate-limit.options.js';
import { RateLimiter } from './rate-limiter.js';
import { RedisLimits } from './redis-limits.js';

/** The limiter of an application that counts in Redis. */
export function createRateLimiter(
  options: ResolvedRateLimitOptions & { readonly keyPrefix: string },
  connection: RedisConnection,
  events: EventBus<RateLimitEvents>,
): RateLimiter {
  const { keyPrefix, timeoutMs, onUnavailable } = options;
  const layout = connection.topology.kind === 'cluster' ? 'bucketed' : 'plain';
  const keys = new RateLimitKeys(new KeySpace({ keyPrefix, layout }), options);
  return new RateLimiter({
    connection,
    // Not the guarded connection: what the cache has to set right before it uses a server again is none of these calls' concern.
    isAway: (charges) => connection.status === 'away' || charges.some(({ key }) => connection.servers.failAtOnce(key)),
    redis: new RedisLimits({
      connection,
      notesIn: (bucket) => keys.notesIn(bucket),
      onKept: (charges, error) =>
        events.publish('rate-limit:refund-failed', { policies: charges.map(({ policy }) => policy.name), error }),
    }),
    memory: new MemoryLimits(() => performance.now()),
    denied: new DeniedCallers(() => performance.now()),
    keys,
    events,
    timeoutMs,
    onUnavailable,
  });
}
