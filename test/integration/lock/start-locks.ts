import type { INestApplicationContext } from '@nestjs/common';
import {
  type ConnectionOptions,
  type LockEvents,
  type LockOptions,
  LockService,
  RedisCacheEvents,
} from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';

export interface StartedLocks {
  readonly app: INestApplicationContext;
  readonly locks: LockService;
  readonly keyPrefix: string;
  /** What was told since the start. */
  readonly events: (keyof LockEvents)[];
}

interface Start {
  readonly connection: ConnectionOptions;
  readonly keyPrefix?: string;
  readonly lock?: LockOptions;
}

/** Servers of tests are young: without `grant` nobody would be let in before the longest ttl. */
export async function startLocks({ connection, keyPrefix = uniquePrefix(), lock }: Start): Promise<StartedLocks> {
  const app = await startApp({ connection, keyPrefix, lock: { afterDataLoss: 'grant', maxTtl: '30s', ...lock } });
  const events: (keyof LockEvents)[] = [];
  for (const name of ['lock:acquired', 'lock:released', 'lock:busy', 'lock:lost', 'lock:closed'] as const)
    app.get(RedisCacheEvents).on(name, () => void events.push(name));
  return { app, locks: app.get(LockService), keyPrefix, events };
}

/** Two processes, as it were, with the same locks. */
export async function startTwice(start: Start): Promise<[StartedLocks, StartedLocks]> {
  const first = await startLocks(start);
  return [first, await startLocks({ ...start, keyPrefix: first.keyPrefix })];
}

/** Resolves with the reason when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}
