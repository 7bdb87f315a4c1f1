import { isRedisCacheError, type Lock, type LockService } from 'nestjs-redis-cache';
import { LockLedger } from './lock-ledger.js';
import { nowUs } from './interval.js';
import { Random } from './random.js';

export interface LockTask {
  readonly ledgerUrl: string;
  readonly ledger: string;
  readonly seed: number;
  readonly resources: number;
  readonly forMs: number;
}

export interface LockFigures {
  readonly acquired: number;
  readonly busy: number;
  readonly unavailable: number;
  readonly lost: number;
}

const ACTORS = 6;
const TTL_MS = 400;
const LONGEST_WORK_MS = [100, 250, 1_500];
const STEP_MS = 15;

/** Takes locks at random, writes under them, and writes on when it has lost them, as a process does that was stopped. */
export class LockWorkload {
  private readonly random: Random;
  private readonly ledger: LockLedger;
  private readonly figures = { acquired: 0, busy: 0, unavailable: 0, lost: 0 };

  constructor(
    private readonly locks: LockService,
    private readonly task: LockTask,
  ) {
    this.random = new Random(task.seed);
    this.ledger = new LockLedger(task.ledgerUrl, task.ledger);
  }

  async run(): Promise<LockFigures> {
    const endsAt = performance.now() + this.task.forMs;
    await Promise.all(Array.from({ length: ACTORS }, () => this.act(endsAt)));
    await this.ledger.close();
    return this.figures;
  }

  async meet(): Promise<void> {
    for (let at = 0; at < this.task.resources; at += 1) {
      let lock: Lock | undefined;
      while (lock === undefined) lock = await this.take(`resource ${at}`);
      await lock.release();
    }
    await this.ledger.close();
  }

  private async act(endsAt: number): Promise<void> {
    while (performance.now() < endsAt) {
      const resource = `resource ${this.random.below(this.task.resources)}`;
      const lock = await this.take(resource);
      if (lock !== undefined) await this.hold(resource, lock);
      await this.random.delay(20);
    }
  }

  private async take(resource: string): Promise<Lock | undefined> {
    const renew = this.random.oneOf([true, true, false]);
    const wait = this.random.oneOf([0, 100, 1_000]);
    try {
      const lock = await this.locks.acquire(resource, { ttl: TTL_MS, wait, renew });
      this.figures.acquired += 1;
      return lock;
    } catch (error) {
      if (isRedisCacheError(error, 'LOCK_TIMEOUT')) this.figures.busy += 1;
      else if (isRedisCacheError(error, 'LOCK_UNAVAILABLE')) this.figures.unavailable += 1;
      else throw error;
      return undefined;
    }
  }

  private async hold(resource: string, lock: Lock): Promise<void> {
    const until = performance.now() + this.random.below(this.random.oneOf(LONGEST_WORK_MS));
    while (this.note(resource, lock)) {
      await this.ledger.write(resource, lock.fencingToken);
      if (performance.now() > until) break;
      await this.random.delay(STEP_MS);
    }
    const isLost = lock.signal.aborted;
    if (isLost) this.figures.lost += 1;
    await lock.release();
    // Its last write was still under way, so to say; long enough for others, when the lock was lost.
    if (isLost) await this.random.delay(TTL_MS);
    if (isLost || this.random.below(3) === 0) await this.ledger.write(resource, lock.fencingToken);
  }

  /** Notes that the lock was held at a moment; whatever stops the process after that moment cannot make it untrue. */
  private note(resource: string, lock: Lock): boolean {
    const atUs = nowUs();
    try {
      lock.assertHeld();
    } catch {
      return false;
    }
    this.ledger.note(resource, lock.fencingToken, atUs);
    return true;
  }
}
