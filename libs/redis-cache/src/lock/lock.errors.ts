import { ConflictException, ServiceUnavailableException } from '@nestjs/common';
import { brand, RedisCacheError } from '../core/common/index.js';

/**
 * The wait is over, and somebody else still has it. An ordinary outcome of contention: `tryAcquire` answers `null` instead. Nest
 * answers 409 wherever a request meets it, with a body that says nothing of resources and machines; `message` is for the developer.
 */
export class LockTimeoutError extends ConflictException {
  readonly code = 'LOCK_TIMEOUT';

  /** @param reason such as who holds it */
  constructor(
    readonly resource: string,
    readonly waitedMs: number,
    reason: string,
  ) {
    super({ statusCode: 409, code: 'LOCK_TIMEOUT', message: 'Somebody else is at work on this. Try again.' });
    this.message = `"${resource}" was not to be had within ${waitedMs} ms (wait): ${reason}`;
    brand(this);
  }
}

/**
 * The lock is not ours any more, or may not be: its time is over and Redis has not confirmed more, or somebody has taken it
 * away. Stop what needs it. It is the reason of `lock.signal`, and what `lock.assertHeld()` throws.
 */
export class LockLostError extends RedisCacheError {
  readonly code = 'LOCK_LOST';

  constructor(
    readonly resource: string,
    problem: string,
  ) {
    super(`The lock of "${resource}" is lost: ${problem} Stop what needs it; others may have it now.`);
  }
}

/**
 * Redis gives no answer about the lock. Whatever it may have granted behind our back is given back in the background. Nest answers
 * 503 wherever a request meets it, with a body that says nothing of Redis; `cause` is what happened there.
 */
export class LockUnavailableError extends ServiceUnavailableException {
  readonly code = 'LOCK_UNAVAILABLE';

  constructor(
    readonly resource: string,
    options: { readonly cause: unknown },
  ) {
    super(
      { statusCode: 503, code: 'LOCK_UNAVAILABLE', message: 'This is not available at the moment. Try again.' },
      options,
    );
    this.message = `Redis gives no answer about the lock of "${resource}", so nobody here has it. See cause.`;
    brand(this);
  }
}
