export { createLockService } from './create-lock-service.js';
export { Cancellations } from './cancellations.js';
export { currentLock } from './current-lock.js';
export { leaseClock } from './lease.js';
export { Lock } from './lock.js';
export { LockGroup } from './lock-group.js';
export { LockLostError, LockTimeoutError, LockUnavailableError } from './lock.errors.js';
export { type LockEvents } from './lock.events.js';
export {
  type LockCallOptions,
  type LockOptions,
  type ResolvedLockOptions,
  resolveLockOptions,
  type TryLockOptions,
} from './lock.options.js';
export { fencedSet } from './lock.scripts.js';
export { LockService } from './lock.service.js';
export { type LockHolder, type LockMode, type LockOwner, type LockState, type LockWaiter } from './lock-store.js';

// What locks in memory are made of; see testing/.
export { type LockServiceParts } from './lock.service.js';
export { type Claim, type ClaimReply, type Held, type Listening, type LockStore } from './lock-store.js';
export { Waits } from './waits.js';
export { type PermitCallOptions, Semaphore } from './semaphore.js';
export { LOCK_ACCESS, wireLocks } from './wire-locks.js';
export { WithLock, type WithLockOptions } from './with-lock.decorator.js';
