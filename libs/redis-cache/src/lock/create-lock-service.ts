import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { Cancellations } from './cancellations.js';
import { leaseClock } from './lease.js';
import { LockServerCheck } from './lock-server-check.js';
import type { LockEvents } from './lock.events.js';
import type { ResolvedLockOptions } from './lock.options.js';
import { LockService } from './lock.service.js';
import { RedisLockStore } from './redis-lock-store.js';

/** Locks in the Redis of a connection. */
export function createLockService(
  connection: RedisConnection,
  options: ResolvedLockOptions & { readonly keyPrefix: string },
  { events, warn }: { readonly events: EventBus<LockEvents>; readonly warn: (message: string) => void },
): LockService {
  const store = new RedisLockStore(connection, options);
  const check = new LockServerCheck(connection, warn);
  return new LockService({
    ...{ store, events, options, clock: leaseClock, maxTtlMs: options.maxTtlMs },
    cancellations: new Cancellations(store),
    checkServer: () => check.run(),
  });
}
