import { setTimeout as pause } from 'node:timers/promises';
import { isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import type { Held, LockStore } from './lock-store.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Longer than any command may be under way. */
const UNDER_WAY_MS = 30_000;

/**
 * Gives back what an attempt may hold, in the background, until Redis has acknowledged it, nothing can be left of it, or the
 * application ends. So a Redis that stays away is not asked for more and more of them.
 */
export class Cancellations {
  private isClosed = false;

  constructor(
    private readonly store: LockStore,
    private readonly maxTtlMs: number,
  ) {}

  /** @param queuedForMs how long it may stand in the queue */
  add(held: Held, queuedForMs = 0): void {
    const endsAt = performance.now() + queuedForMs + this.maxTtlMs + UNDER_WAY_MS;
    void outsideOfRequests(() => this.repeat(held, endsAt));
  }

  close(): void {
    this.isClosed = true;
  }

  private async repeat(held: Held, endsAt: number): Promise<void> {
    const isNeeded = (): boolean => !this.isClosed && performance.now() < endsAt;
    for (let pauseMs = FIRST_PAUSE_MS; isNeeded(); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.store.cancel(held);
        return;
      } catch (error) {
        if (isRedisCacheError(error, 'CONNECTION_CLOSED')) return;
        await pause(pauseMs, undefined, { ref: false });
      }
    }
  }
}
