import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { Cancellations } from './cancellations.js';
import { leaseClock } from './lease.js';
import { LockServerCheck } from './lock-server-check.js';
import type { LockEvents } from './lock.events.js';
import type { ResolvedLockOptions } from './lock.options.js';
import { LockService } from './lock.service.js';
import type { LockStore } from './lock-store.js';
import { QuorumLockStore } from './quorum-lock-store.js';
import { RedisLockStore } from './redis-lock-store.js';

/** Locks in the Redis of a connection, or in a majority of several. */
export function createLockService(
  connections: readonly RedisConnection[],
  options: ResolvedLockOptions & { readonly keyPrefix: string },
  { events, warn }: { readonly events: EventBus<LockEvents>; readonly warn: (message: string) => void },
): LockService {
  const store = storeOn(
    connections.map((connection) => new RedisLockStore(connection, options)),
    options.maxTtlMs,
  );
  const checks = connections.map((connection) => new LockServerCheck(connection, warn));
  return new LockService({
    ...{ store, events, options, clock: leaseClock, maxTtlMs: options.maxTtlMs },
    cancellations: new Cancellations(store, options.maxTtlMs),
    checkServer: () => (checks.every(({ isDone }) => isDone) ? undefined : runAll(checks)),
  });
}

async function runAll(checks: readonly LockServerCheck[]): Promise<void> {
  await Promise.all(checks.map((check) => check.run()));
}

function storeOn(stores: readonly LockStore[], maxTtlMs: number): LockStore {
  return stores.length === 1 ? stores[0]! : new QuorumLockStore(stores, maxTtlMs);
}
