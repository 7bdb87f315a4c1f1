import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { InvalidOptionError, isRedisCacheError, refuse } from '../core/common/index.js';
import { assertKey } from '../core/keys/index.js';
import { runUnder } from './current-lock.js';
import type { Lock, LockParts } from './lock.js';
import { LockAttempts, orTimeout, type Wanted } from './lock-attempts.js';
import { LockUnavailableError } from './lock.errors.js';
import { type LockGroup, takeInOrder } from './lock-group.js';
import type { LockState } from './lock-store.js';
import {
  type LockCallOptions,
  type LockRequest,
  refuseWaiting,
  requirePermits,
  resolveLockCall,
  type ResolvedLockOptions,
  type TryLockOptions,
} from './lock.options.js';
import { Semaphore } from './semaphore.js';

export interface LockServiceParts extends LockParts {
  readonly options: ResolvedLockOptions;
  /** Warns of a Redis that may throw locks away, when locks are used for the first time or at boot. */
  readonly checkServer: () => Promise<void> | undefined;
}

/**
 * Locks of resources across processes: one holder, or one writer and several readers. They end by themselves when their holder
 * dies, and their holder knows when they are lost. A resource is any text without NUL.
 */
export class LockService implements OnModuleInit, OnApplicationShutdown {
  private readonly attempts: LockAttempts;
  /** What a call without options comes to: most have none. */
  private readonly usual: LockRequest;

  /** @internal */
  constructor(private readonly parts: LockServiceParts) {
    this.attempts = new LockAttempts(parts);
    this.usual = resolveLockCall('acquire', undefined, parts.options);
  }

  async onModuleInit(): Promise<void> {
    if (this.parts.options.isGiven) await this.parts.checkServer();
  }

  /** What is held then is not given back: its holder may be at work. It ends with its ttl. */
  onApplicationShutdown(): void {
    this.parts.cancellations.close();
  }

  /**
   * Takes a lock if it is free now.
   *
   * @example
   * const lock = await locks.tryAcquire('report');
   * if (lock === null) return;
   * @returns `null` when somebody else has it
   * @throws LockUnavailableError, InvalidOptionError, InvalidKeyError
   */
  async tryAcquire(resource: string, options?: TryLockOptions): Promise<Lock | null> {
    refuseWaiting('tryAcquire', options);
    const wanted = this.wanted('tryAcquire', resource, options);
    return (await this.attempts.tryTake({ ...wanted, waitMs: 0 })) ?? null;
  }

  /**
   * Takes a lock, and waits for it in a queue: first come, first served.
   *
   * @example
   * await using lock = await locks.acquire('stock:42', { ttl: '10s', wait: '5s' });
   * @throws LockTimeoutError, LockUnavailableError, InvalidOptionError, InvalidKeyError, the reason of `signal`
   */
  async acquire(resource: string, options?: LockCallOptions): Promise<Lock> {
    const wanted = this.wanted('acquire', resource, options);
    return orTimeout(await this.attempts.take(wanted), wanted);
  }

  /**
   * Runs work under a lock, and gives the lock back whatever becomes of the work. Its result is not changed when the lock is
   * lost or the release fails: `lock.signal` and `lock.assertHeld()` tell the work, events everybody else.
   *
   * @example
   * await locks.using('stock:42', async (lock) => {
   *   const left = await countStock(lock.signal);
   *   lock.assertHeld();
   *   await writeStock(left - 1, lock.fencingToken);
   * });
   * @throws what {@link acquire} throws, and what the work throws
   */
  async using<T>(resource: string, work: (lock: Lock) => Promise<T> | T, options?: LockCallOptions): Promise<T> {
    const wanted = this.wanted('using', resource, options);
    const lock = orTimeout(await this.attempts.take(wanted), wanted);
    return runUnder(lock, () => work(lock));
  }

  /**
   * Takes the locks of several resources: one after the other in the order of their names, all or none. On a cluster as on
   * one server it is not one step, and each of them can be lost by itself.
   *
   * @throws what {@link acquire} throws
   */
  async acquireAll(resources: readonly string[], options?: LockCallOptions): Promise<LockGroup> {
    const wanted = requireResources('acquireAll', resources).map((resource) =>
      this.wanted('acquireAll', resource, options),
    );
    return takeInOrder(wanted, async (one, waitMs) => orTimeout(await this.attempts.take({ ...one, waitMs }), one));
  }

  /** Runs work under the locks of several resources, as {@link using} does under one. */
  async usingAll<T>(
    resources: readonly string[],
    work: (locks: LockGroup) => Promise<T> | T,
    options?: LockCallOptions,
  ): Promise<T> {
    const group = await this.acquireAll(resources, options);
    try {
      return await work(group);
    } finally {
      await group.release();
    }
  }

  /**
   * A semaphore: as many permits as may be held at the same time. Each ends with its own ttl. Processes that name
   * different numbers of permits are each let in up to their own.
   *
   * @example const exports = locks.semaphore('exports', { permits: 3 });
   * @throws InvalidOptionError, also with `lock.quorum`
   */
  semaphore(name: string, { permits }: { readonly permits: number }): Semaphore {
    const count = requirePermits('semaphore.permits', permits);
    if (this.parts.options.connections.length > 1) throw new InvalidOptionError('semaphore', NOT_BY_QUORUM);
    return new Semaphore((path, options) => {
      const wanted = this.wanted(path, name, options);
      return { ...wanted, kind: 'semaphore', mode: 'permit', permits: count };
    }, this.attempts);
  }

  /** Who holds a resource, and who waits for it. @throws LockUnavailableError, InvalidOptionError, InvalidKeyError */
  async inspect(resource: string): Promise<LockState> {
    const of = requireResource('inspect', resource);
    try {
      return await this.parts.store.inspect('lock', of);
    } catch (cause) {
      if (!isRedisCacheError(cause)) throw cause;
      throw new LockUnavailableError(of, { cause });
    }
  }

  /** @internal Checks the options of calls to come. @throws InvalidOptionError */
  requireCall(path: string, options: unknown): void {
    resolveLockCall(path, options, this.parts.options);
    void this.parts.checkServer();
  }

  private wanted(path: string, resource: string, options: unknown): Wanted {
    void this.parts.checkServer();
    const request = options === undefined ? this.usual : resolveLockCall(path, options, this.parts.options);
    const { ttlMs, waitMs, mode, renew, purpose, signal } = request;
    const of = requireResource(path, resource);
    return { kind: 'lock', resource: of, mode, permits: 1, ttlMs, waitMs, purpose, renew, signal };
  }
}

/** Two of three servers for each holder: with two permits on each there is room for three holders. */
const NOT_BY_QUORUM =
  'is not to be had with lock.quorum: servers that know nothing of each other cannot count permits. Use a lock, or ' +
  'lock.connection in place of lock.quorum.';

function requireResources(path: string, resources: unknown): readonly string[] {
  if (Array.isArray(resources) && resources.length > 0) return resources as readonly string[];
  return refuse(`${path}.resources`, 'an array of texts that is not empty', resources);
}

function requireResource(path: string, resource: unknown): string {
  if (typeof resource !== 'string' || resource === '') return refuse(`${path}.resource`, 'a text', resource);
  assertKey(resource);
  return resource;
}
