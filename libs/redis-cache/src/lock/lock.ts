import { type Duration, isRedisCacheError } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import type { Cancellations } from './cancellations.js';
import { Lease, type LeaseClock } from './lease.js';
import { LockLostError, LockUnavailableError } from './lock.errors.js';
import type { LockEvents } from './lock.events.js';
import { requireLockTtl } from './lock.options.js';
import type { Granted, LockMode, LockStore } from './lock-store.js';
import { Loss } from './loss.js';
import { Renewal } from './renewal.js';

export interface LockParts {
  readonly store: LockStore;
  readonly clock: LeaseClock;
  readonly events: EventBus<LockEvents>;
  readonly cancellations: Cancellations;
  readonly maxTtlMs: number;
}

export interface Grant {
  readonly held: Granted;
  /** A claim for it that was sent more than once: one of them may arrive when it has been given back. */
  readonly mayArriveLate: boolean;
  readonly mode: LockMode;
  readonly ttlMs: number;
  readonly lease: Lease;
  readonly renew: boolean;
}

/**
 * A lock that is held, or a permit of a semaphore. Its end is reckoned here, on this process's clock: at that moment
 * {@link signal} aborts, whether or not Redis answers.
 */
export class Lock implements AsyncDisposable {
  /** Grows with each lock of a resource. A resource that refuses lower tokens is safe from those who have lost the lock. */
  readonly fencingToken: number;
  private readonly loss = new Loss();
  private readonly heldSince = performance.now();
  private readonly renewal: Renewal | undefined;
  private lease: Lease;
  private ttlMs: number;
  private watch: NodeJS.Timeout | undefined;
  private releasing: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly parts: LockParts,
    private readonly grant: Grant,
  ) {
    this.fencingToken = grant.held.fencingToken;
    this.ttlMs = grant.ttlMs;
    this.lease = grant.lease;
    if (grant.renew) this.renewal = new Renewal({ ttlMs: () => this.ttlMs, renew: () => this.renew() });
    if (this.renewal === undefined || this.renewal.firstAfterMs >= grant.lease.remainingMs()) this.watchDeadline();
  }

  get resource(): string {
    return this.grant.held.resource;
  }

  /** Aborts when the lock is lost; its reason is a `LockLostError`. It does not abort when the lock is released. */
  get signal(): AbortSignal {
    this.noticeEnd();
    return this.loss.signal;
  }

  /** Whether it is neither lost nor released. */
  get isHeld(): boolean {
    return !this.isOver && !this.noticeEnd();
  }

  /** When it ends unless it is prolonged, by the wall clock of this machine. */
  get expiresAt(): Date {
    return new Date(Date.now() + this.remainingMs());
  }

  /** For how many milliseconds it is certainly held from now, unless it is prolonged; 0 when it is not. */
  remainingMs(): number {
    return this.isHeld ? Math.max(0, this.lease.remainingMs()) : 0;
  }

  /**
   * To be called before what must not be done without the lock.
   * @throws LockLostError when it is lost or was released
   */
  assertHeld(): void {
    if (this.isOver) throw new LockLostError(this.resource, 'it was released here.');
    this.noticeEnd();
    this.loss.throwIfCome();
  }

  /**
   * Prolongs it, and gives it a new ttl for the renewals to come. It is never shortened.
   * @throws LockLostError, LockUnavailableError (it is still held then, until its end), InvalidOptionError
   */
  async extend(ttl: Duration): Promise<void> {
    const ttlMs = requireLockTtl('extend.ttl', ttl, this.parts.maxTtlMs);
    this.assertHeld();
    try {
      await this.prolong(ttlMs);
    } catch (cause) {
      if (!isRedisCacheError(cause)) throw cause;
      throw new LockUnavailableError(this.resource, { cause });
    }
    this.ttlMs = ttlMs;
    this.assertHeld();
  }

  /**
   * Gives it back; further calls wait for the first. It never rejects: when Redis does not confirm it, it is told in the
   * event `lock:release-failed` and sent again in the background.
   */
  release(): Promise<void> {
    this.releasing ??= this.releaseOnce();
    return this.releasing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  private get isOver(): boolean {
    return this.releasing !== undefined;
  }

  private async releaseOnce(): Promise<void> {
    this.noticeEnd(); // a process that was busy until now has run no timer
    this.stop();
    const { store, events, cancellations } = this.parts;
    const { held, mode, mayArriveLate } = this.grant;
    const { resource } = held;
    try {
      const answer = await (mayArriveLate ? store.cancel(held) : store.release(held));
      if (answer === 'lost') return this.lose('its time was over before it was released.');
      if (!this.loss.hasCome && events.isHeard('lock:released'))
        events.publish('lock:released', { resource, mode, heldMs: performance.now() - this.heldSince });
    } catch (error) {
      events.publish('lock:release-failed', { resource, mode, error });
      cancellations.add(held);
    }
  }

  /** Until the first renewal the end is far, and most locks are released before: only then a timer is set for it. */
  private renew(): Promise<boolean> {
    if (this.watch === undefined) this.watchDeadline();
    return this.prolong(this.ttlMs);
  }

  /** @returns whether it is still ours */
  private async prolong(ttlMs: number): Promise<boolean> {
    const asked = this.parts.clock.now();
    const remainingMs = await this.parts.store.extend(this.grant.held, ttlMs);
    if (this.isOver) return false;
    if (remainingMs === undefined) {
      this.lose('Redis does not know it any more (its time was over, or Redis has lost its data).');
      return false;
    }
    const lease = new Lease(this.parts.clock, asked, remainingMs);
    if (this.noticeEnd()) return false;
    if (lease.remainingMs() > this.lease.remainingMs()) this.lease = lease;
    this.watchDeadline();
    return true;
  }

  private watchDeadline(): void {
    clearTimeout(this.watch);
    if (this.isOver || this.loss.hasCome) return;
    this.watch = setTimeout(() => this.noticeEnd() || this.watchDeadline(), Math.max(1, this.lease.remainingMs()));
    this.watch.unref();
  }

  /** @returns whether it is lost; what was released is not */
  private noticeEnd(): boolean {
    if (this.loss.hasCome) return true;
    if (this.isOver || this.lease.remainingMs() > 0) return false;
    this.lose('its time is over, and Redis has not confirmed more.');
    return true;
  }

  private lose(problem: string): void {
    if (this.loss.hasCome) return;
    const { resource } = this.grant.held;
    const error = new LockLostError(resource, problem);
    this.loss.come(error);
    this.stop();
    this.parts.events.publish('lock:lost', { resource, mode: this.grant.mode, error });
  }

  private stop(): void {
    clearTimeout(this.watch);
    this.renewal?.stop();
  }
}
