import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../core/connection/index.js';
import type { KeySpace } from '../core/keys/index.js';

/** While signals may be missed, a waiter looks for itself after this time. */
const FALLBACK_MS = 1_000;

/**
 * Wakes the waiters of this process. Each process has a channel (on a cluster one in each bucket); a script that ends
 * a lease publishes the lease's key on the channels of those who registered in it.
 */
export class WakeUps {
  private readonly process = randomUUID();
  private opening: Promise<void> | undefined;
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
  ) {}

  /** Subscribes; until then, and whenever a link is down, waiters go by the clock. */
  open(): Promise<void> {
    const channels = this.keys.buckets.map((bucket) => this.channelIn(bucket));
    this.opening ??= this.connection.signals.subscribe(channels, (lease) => this.wake(lease));
    return this.opening;
  }

  /** The channel of this process for keys of a bucket. */
  channelIn(bucket: string): string {
    return this.keys.headOf('cache-wake', this.process, bucket);
  }

  /**
   * Begins to listen for the end of a lease. To be called before the lease is asked for, so that no wake-up falls in
   * between; `end` must be called in any case.
   */
  listen(lease: string): { readonly wait: (remainingMs: number) => Promise<void>; readonly end: () => void } {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const listeners = this.waiting.get(lease) ?? new Set();
    this.waiting.set(lease, listeners.add(wake));
    return {
      wait: (remainingMs) => this.waitFor(woken, remainingMs),
      end: () => {
        listeners.delete(wake);
        if (listeners.size === 0 && this.waiting.get(lease) === listeners) this.waiting.delete(lease);
      },
    };
  }

  private wake(lease: string): void {
    for (const wake of this.waiting.get(lease) ?? []) wake();
  }

  private async waitFor(woken: Promise<void>, remainingMs: number): Promise<void> {
    const fallbackMs = this.connection.signals.isCoherent ? remainingMs : Math.min(remainingMs, FALLBACK_MS);
    let timer: NodeJS.Timeout | undefined;
    const outOfTime = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.max(1, fallbackMs))));
    await Promise.race([woken, outOfTime]);
    clearTimeout(timer);
  }
}
