import { setTimeout as pause } from 'node:timers/promises';
import { isRedisCacheError, outsideOfRequests } from '../core/common/index.js';
import type { Held, LockStore } from './lock-store.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Gives back what an attempt may hold, in the background, until Redis has acknowledged it or the application ends. */
export class Cancellations {
  private isClosed = false;

  constructor(private readonly store: LockStore) {}

  add(held: Held): void {
    void outsideOfRequests(() => this.repeat(held));
  }

  close(): void {
    this.isClosed = true;
  }

  private async repeat(held: Held): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.isClosed; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.store.release(held);
        return;
      } catch (error) {
        if (isRedisCacheError(error, 'CONNECTION_CLOSED')) return;
        await pause(pauseMs, undefined, { ref: false });
      }
    }
  }
}
