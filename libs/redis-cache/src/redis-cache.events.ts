import type { OnApplicationShutdown } from '@nestjs/common';
import type { CacheEvents } from './cache/index.js';
import type { ConnectionEvents } from './core/connection/index.js';
import { EventBus } from './core/events/index.js';
import type { LockEvents } from './lock/index.js';
import type { RateLimitEvents } from './rate-limit/index.js';
import type { SessionEvents } from './session/index.js';

export type RedisCacheEventMap = ConnectionEvents & CacheEvents & LockEvents & RateLimitEvents & SessionEvents;

/**
 * What happened in this application, for metrics, tracing and tests.
 *
 * @example events.on('cache:hit', ({ namespace }) => hits.inc({ namespace }));
 */
export class RedisCacheEvents extends EventBus<RedisCacheEventMap> implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    this.close();
  }
}
