import type { LockMode } from './lock-store.js';

interface LockEvent {
  readonly resource: string;
  readonly mode: LockMode;
}

/** What locks tell. Contention is no error. */
export interface LockEvents {
  'lock:acquired': LockEvent & { readonly waitedMs: number; readonly fencingToken: number };
  'lock:released': LockEvent & { readonly heldMs: number };
  /** Somebody else had it, and the caller's wait is over. */
  'lock:busy': LockEvent & { readonly waitedMs: number };
  /** It was lost while it was held. */
  'lock:lost': LockEvent & { readonly error: unknown };
  /** Redis did not confirm a release, and is told again until it does. What was done under the lock is not changed by it. */
  'lock:release-failed': LockEvent & { readonly error: unknown };
  /** Redis has lost the locks (or is new): nobody is let in for this time. See `lock.afterDataLoss`. */
  'lock:closed': { readonly resource: string; readonly remainingMs: number };
}
