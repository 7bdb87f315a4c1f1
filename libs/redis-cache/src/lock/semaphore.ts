import { runUnder } from './current-lock.js';
import type { Lock } from './lock.js';
import { type LockAttempts, orTimeout, type Wanted } from './lock-attempts.js';
import { type LockCallOptions, refuseWaiting, type TryLockOptions } from './lock.options.js';

export type PermitCallOptions = Omit<LockCallOptions, 'mode'>;

/** So many at the same time, and no more. A permit is a {@link Lock}: it is renewed, ends with its ttl, and can be lost. */
export class Semaphore {
  /** @internal */
  constructor(
    private readonly wanted: (path: string, options: unknown) => Wanted,
    private readonly attempts: LockAttempts,
  ) {}

  /** @returns `null` when all permits are taken @throws LockUnavailableError */
  async tryAcquire(options?: Omit<TryLockOptions, 'mode'>): Promise<Lock | null> {
    refuseWaiting('tryAcquire', options);
    return (await this.attempts.tryTake({ ...this.wanted('tryAcquire', options), waitMs: 0 })) ?? null;
  }

  /** Waits for a permit: first come, first served. @throws LockTimeoutError, LockUnavailableError */
  async acquire(options?: PermitCallOptions): Promise<Lock> {
    const wanted = this.wanted('acquire', options);
    return orTimeout(await this.attempts.take(wanted), wanted);
  }

  /** Runs work under a permit, as `LockService.using` does under a lock. */
  async using<T>(work: (permit: Lock) => Promise<T> | T, options?: PermitCallOptions): Promise<T> {
    const permit = await this.acquire(options);
    return runUnder(permit, () => work(permit));
  }
}
