import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from './lock.js';

const current = new AsyncLocalStorage<Lock>();

/** The scopes that are open now. A store that is in use costs every promise of the process a little. */
const open = new Set<symbol>();

/** The innermost lock of `using` or `@WithLock` that this code runs under, as long as it is held. */
export function currentLock(): Lock | undefined {
  const lock = current.getStore();
  return lock?.isHeld === true ? lock : undefined;
}

/** Runs work under a lock that is held, and gives the lock back when the work has ended. */
export async function runUnder<T>(lock: Lock, work: () => Promise<T> | T): Promise<T> {
  const scope = Symbol('scope');
  open.add(scope);
  try {
    return await current.run(lock, async () => work());
  } finally {
    open.delete(scope);
    if (open.size === 0) current.disable();
    await lock.release();
  }
}
