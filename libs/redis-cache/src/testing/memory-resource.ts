import { hostname } from 'node:os';
import type { Claim, ClaimReply, LockHolder, LockState, LockWaiter } from '../lock/index.js';

interface Holder extends LockHolder {
  readonly endsAt: number;
}

interface Waiter extends LockWaiter {
  readonly permits: number;
  readonly endsAt: number;
}

/** Who holds one resource, and who waits for it: what `lock/lua` does, without turns that are missed. */
export class MemoryResource {
  private readonly holders = new Map<string, Holder>();
  private readonly queue = new Map<string, Waiter>();
  private lastToken = 0;

  constructor(private readonly callUp: (attempt: string) => void) {}

  claim(claim: Claim): ClaimReply {
    const { attempt, ttlMs, waitMs } = claim;
    this.dropLate();
    const own = this.holders.get(attempt);
    if (own !== undefined) return granted(own);
    if (this.mayEnter(claim)) return granted(this.enter(claim, ttlMs));
    if (waitMs > 0 && !this.queue.has(attempt))
      this.queue.set(attempt, { ...tagOf(claim), permits: claim.permits, endsAt: performance.now() + waitMs });
    const [holder] = this.holders.values();
    return { outcome: 'busy', remainingMs: holder === undefined ? 1_000 : remainingOf(holder), holder };
  }

  extend(attempt: string, ttlMs: number): number | undefined {
    this.dropLate();
    const holder = this.holders.get(attempt);
    if (holder === undefined) return undefined;
    const prolonged = { ...holder, endsAt: Math.max(holder.endsAt, performance.now() + ttlMs) };
    this.holders.set(attempt, prolonged);
    return remainingOf(prolonged);
  }

  /** @returns whether it was held */
  release(attempt: string): boolean {
    this.dropLate();
    this.queue.delete(attempt);
    const wasHeld = this.holders.delete(attempt);
    for (const waiting of this.queue.keys()) this.callUp(waiting);
    return wasHeld;
  }

  forgetHolders(): void {
    this.holders.clear();
    for (const waiting of this.queue.keys()) this.callUp(waiting);
  }

  state(): LockState {
    this.dropLate();
    const holders = [...this.holders.values()].map(({ endsAt, ...holder }) => ({
      ...holder,
      remainingMs: remainingOf({ endsAt }),
    }));
    const waiters = [...this.queue.values()].map(({ host, pid, purpose, mode, since }) => ({
      ...{ host, pid, purpose, mode, since },
    }));
    return { holders, waiters };
  }

  /** Those before it in the queue are let in first, as if they had come already. */
  private mayEnter(claim: Claim): boolean {
    const inside = [...this.holders.values()].map(({ mode }) => mode);
    for (const [attempt, waiter] of this.queue) {
      if (attempt === claim.attempt) break;
      if (!fits(waiter, inside)) return false;
      inside.push(waiter.mode);
    }
    return fits(claim, inside);
  }

  private enter(claim: Claim, ttlMs: number): Holder {
    this.queue.delete(claim.attempt);
    this.lastToken = Math.max(Date.now() * 1_000, this.lastToken + 1);
    const holder = {
      ...{ ...tagOf(claim), fencingToken: this.lastToken, remainingMs: ttlMs },
      endsAt: performance.now() + ttlMs,
    };
    this.holders.set(claim.attempt, holder);
    return holder;
  }

  private dropLate(): void {
    const now = performance.now();
    for (const all of [this.holders, this.queue])
      for (const [attempt, { endsAt }] of all) if (endsAt <= now) all.delete(attempt);
  }
}

function fits({ mode, permits }: Pick<Claim, 'mode' | 'permits'>, inside: readonly Claim['mode'][]): boolean {
  if (mode === 'write') return inside.length === 0;
  if (mode === 'read') return !inside.includes('write');
  return inside.length < permits;
}

function granted(holder: Holder): ClaimReply {
  return { outcome: 'granted', fencingToken: holder.fencingToken, remainingMs: remainingOf(holder) };
}

function remainingOf({ endsAt }: Pick<Holder, 'endsAt'>): number {
  return Math.max(0, endsAt - performance.now());
}

function tagOf({ mode, purpose }: Claim): LockWaiter {
  return { host: hostname(), pid: process.pid, purpose, mode, since: new Date() };
}
