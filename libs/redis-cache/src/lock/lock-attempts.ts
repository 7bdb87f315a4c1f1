import { isRedisCacheError } from '../core/common/index.js';
import { Lease, type Moment } from './lease.js';
import { Lock, type LockParts } from './lock.js';
import { LockTimeoutError, LockUnavailableError } from './lock.errors.js';
import type { Claim, ClaimReply, Listening } from './lock-store.js';
import { UniqueNames } from './unique-name.js';

/** What is wanted, by one caller. */
export interface Wanted extends Omit<Claim, 'attempt'> {
  readonly renew: boolean;
  readonly signal: AbortSignal | undefined;
}

type Refusal = Extract<ClaimReply, { outcome: 'busy' | 'closed' }>;

/** What is known of an attempt that is under way. */
interface Course {
  /** Until when the caller waits. */
  readonly endsAt: number;
  /** One of its requests was sent twice, and may arrive after its answer. */
  hasCopies: boolean;
}

/** Each time it was granted, it was over before the answer came. */
const TOO_SLOW: Refusal = { outcome: 'busy', remainingMs: 0, holder: undefined };
const behindIt = (): undefined => undefined;
const NO_NEWS: Listening = { wait: () => Promise.resolve(), end: () => undefined };

/** Takes locks and permits, waiting for them in the queue. */
export class LockAttempts {
  private readonly names = new UniqueNames();
  /** By resource: the answer to who asks whether it is free. Whoever comes meanwhile stays behind, and does not ask the same. */
  private readonly asking = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: LockParts) {}

  /**
   * @returns the lock, or `undefined` when somebody else has it and the wait is over
   * @throws LockUnavailableError, the reason of the caller's signal
   */
  async tryTake(wanted: Wanted): Promise<Lock | undefined> {
    const taken = await this.take(wanted);
    return taken instanceof Lock ? taken : undefined;
  }

  /** @throws LockTimeoutError, LockUnavailableError, the reason of the caller's signal */
  async take(wanted: Wanted): Promise<Lock | Refusal> {
    wanted.signal?.throwIfAborted();
    const startedAt = performance.now();
    for (let waitMs = wanted.waitMs; ; waitMs = Math.max(0, wanted.waitMs - (performance.now() - startedAt))) {
      const outcome = await this.attempt(wanted, waitMs);
      if (outcome instanceof Lock) return this.told(outcome, wanted, startedAt);
      if (outcome === 'again' && waitMs > 0) continue;
      const { resource, mode } = wanted;
      this.parts.events.publish('lock:busy', { resource, mode, waitedMs: performance.now() - startedAt });
      return outcome === 'again' ? TOO_SLOW : outcome;
    }
  }

  private told(lock: Lock, { mode }: Wanted, startedAt: number): Lock {
    if (!this.parts.events.isHeard('lock:acquired')) return lock;
    const { resource, fencingToken } = lock;
    const waitedMs = performance.now() - startedAt;
    this.parts.events.publish('lock:acquired', { resource, mode, waitedMs, fencingToken });
    return lock;
  }

  /** One place in the queue. `again`: it was lost without anybody's doing, and another one may be taken. */
  private async attempt(wanted: Wanted, waitMs: number): Promise<Lock | Refusal | 'again'> {
    const { kind, resource, mode, permits, ttlMs, purpose } = wanted;
    const claim = { kind, resource, attempt: this.names.next(), mode, permits, ttlMs, waitMs, purpose };
    const course: Course = { endsAt: performance.now() + waitMs, hasCopies: false };
    let isSettled = false;
    try {
      const outcome = (await this.takeFree(wanted, claim, course)) ?? (await this.waitFor(wanted, claim, course));
      isSettled = outcome instanceof Lock || (waitMs === 0 && outcome !== 'again' && !course.hasCopies);
      return outcome;
    } catch (cause) {
      if (!isRedisCacheError(cause)) throw cause;
      throw new LockUnavailableError(resource, { cause });
    } finally {
      // It may stand in the queue, or have been granted behind our back.
      if (!isSettled) this.parts.cancellations.add(claim, waitMs);
    }
  }

  /** @returns `undefined` when it is not simply free */
  private async takeFree(wanted: Wanted, claim: Claim, course: Course): Promise<Lock | 'again' | undefined> {
    const { store, clock } = this.parts;
    const { resource, ttlMs: remainingMs } = claim;
    const before = this.asking.get(resource);
    if (before !== undefined) return before.then(behindIt, behindIt);
    const asked = clock.now();
    const taking = store.take(claim, () => (course.hasCopies = true));
    if (taking === undefined) return undefined;
    this.asking.set(resource, taking);
    let fencingToken: number | undefined;
    try {
      fencingToken = await taking;
    } finally {
      this.asking.delete(resource);
    }
    wanted.signal?.throwIfAborted();
    if (fencingToken === undefined) return undefined;
    return this.lockOf({ fencingToken, remainingMs, asked }, claim, { renew: wanted.renew, course });
  }

  private async waitFor(wanted: Wanted, first: Claim, course: Course): Promise<Lock | Refusal | 'again'> {
    const { store, clock, events } = this.parts;
    const leftMs = (): number => Math.max(0, course.endsAt - performance.now());
    const listening = first.waitMs > 0 ? await store.listen(first.attempt) : NO_NEWS;
    try {
      for (;;) {
        const claim = { ...first, waitMs: leftMs() };
        const asked = clock.now();
        const reply = await store.claim(claim, () => (course.hasCopies = true));
        wanted.signal?.throwIfAborted();
        if (reply.outcome === 'void') return 'again';
        if (reply.outcome === 'granted')
          return this.lockOf({ ...reply, asked }, claim, { renew: wanted.renew, course });
        if (reply.outcome === 'closed')
          events.publish('lock:closed', { resource: claim.resource, remainingMs: reply.remainingMs });
        if (leftMs() === 0) return reply;
        await listening.wait(Math.min(leftMs(), reply.remainingMs), wanted.signal);
        wanted.signal?.throwIfAborted();
      }
    } finally {
      listening.end();
    }
  }

  /** A lock that is over before its holder has heard of it is none. */
  private lockOf(
    { fencingToken, remainingMs, asked }: { fencingToken: number; remainingMs: number; asked: Moment },
    { kind, resource, attempt, mode, ttlMs }: Claim,
    { renew, course }: { readonly renew: boolean; readonly course: Course },
  ): Lock | 'again' {
    const lease = new Lease(this.parts.clock, asked, remainingMs);
    if (lease.remainingMs() <= 0) return 'again';
    const held = { kind, resource, attempt, fencingToken };
    return new Lock(this.parts, { held, mode, ttlMs, renew, lease, mayArriveLate: course.hasCopies });
  }
}

/** @throws LockTimeoutError when it was not to be had, and the wait is over */
export function orTimeout(taken: Lock | Refusal, { resource, waitMs }: Wanted): Lock {
  if (taken instanceof Lock) return taken;
  throw new LockTimeoutError(resource, waitMs, reasonOf(taken));
}

function reasonOf(refusal: Refusal): string {
  if (refusal.outcome === 'closed')
    return (
      'Redis is new or has lost its data, and those who held a lock before may not know yet. Nobody is let in for ' +
      `${refusal.remainingMs} ms more (lock.maxTtl). lock.afterDataLoss: 'grant' lets them in at once; a Redis that persists ` +
      'keeps the locks.'
    );
  const { holder } = refusal;
  if (holder === undefined) return 'others were before us in the queue. Give it more time, or use tryAcquire.';
  const purpose = holder.purpose === '' ? '' : ` for ${holder.purpose}`;
  return `process ${holder.pid} on ${holder.host} has it${purpose}. Give it more time, or use tryAcquire.`;
}
