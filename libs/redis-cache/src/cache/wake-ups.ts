import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../core/connection/index.js';
import type { KeySpace } from '../core/keys/index.js';

/** While signals may be missed, a waiter looks for itself after this time. */
const FALLBACK_MS = 1_000;

/** `woken`: the lease has ended. `timed out`: time to look again. */
export type WaitOutcome = 'woken' | 'timed out';

/**
 * Wakes the waiters of this process. Each process has a channel (on a cluster one in each bucket); a script that ends
 * a lease publishes the lease's key on the channels of those who registered in it.
 */
export class WakeUps {
  private readonly process = randomUUID();
  private opening: Promise<void> | undefined;
  private readonly waiting = new Map<string, Set<(outcome: WaitOutcome) => void>>();

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
  ) {}

  /** Subscribes; until then, and whenever a link is down, waiters go by the clock. */
  open(): Promise<void> {
    const channels = this.keys.buckets.map((bucket) => this.channelIn(bucket));
    this.opening ??= this.listenOn(channels);
    return this.opening;
  }

  private listenOn(channels: readonly string[]): Promise<void> {
    const { signals } = this.connection;
    signals.onLost(() => this.wakeAll());
    return signals.subscribe(channels, (lease) => this.wake(lease));
  }

  /** The channel of this process for keys of a bucket. */
  channelIn(bucket: string): string {
    return this.keys.headOf('cache-wake', this.process, bucket);
  }

  /**
   * Begins to listen for the end of a lease. To be called before the lease is asked for, so that no wake-up falls in
   * between; `end` must be called in any case.
   */
  listen(lease: string): { readonly wait: (remainingMs: number) => Promise<WaitOutcome>; readonly end: () => void } {
    let wake = (_: WaitOutcome): void => undefined;
    const woken = new Promise<WaitOutcome>((resolve) => (wake = resolve));
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
    for (const wake of this.waiting.get(lease) ?? []) wake('woken');
  }

  /** A message may have been missed: everybody asks again, and none has waited for a load in vain by that. */
  private wakeAll(): void {
    for (const listeners of this.waiting.values()) for (const wake of listeners) wake('timed out');
  }

  private async waitFor(woken: Promise<WaitOutcome>, remainingMs: number): Promise<WaitOutcome> {
    const fallbackMs = this.connection.signals.isCoherent ? remainingMs : Math.min(remainingMs, FALLBACK_MS);
    let timer: NodeJS.Timeout | undefined;
    const outOfTime = new Promise<WaitOutcome>((resolve) => {
      timer = setTimeout(() => resolve('timed out'), Math.max(1, fallbackMs));
    });
    return Promise.race([woken, outOfTime]).finally(() => clearTimeout(timer));
  }
}
