import { jest } from '@jest/globals';
import { EventBus } from '../core/events/index.js';
import { Cancellations } from './cancellations.js';
import { Lease, leaseClock } from './lease.js';
import { Lock } from './lock.js';
import type { LockEvents } from './lock.events.js';
import type { LockStore } from './lock-store.js';

const TTL_MS = 9_000;

/** A lock of which so much remains when its holder hears of it, on a Redis that says nothing any more. */
function holding(remainingMs: number, renew: boolean) {
  const store = { extend: () => new Promise(() => undefined) } as unknown as LockStore;
  const lock = new Lock(
    {
      ...{ store, clock: leaseClock, events: new EventBus<LockEvents>(), maxTtlMs: TTL_MS },
      cancellations: new Cancellations(store, TTL_MS),
    },
    {
      ...{
        held: { kind: 'lock', resource: 'r', attempt: 'a', fencingToken: 1 },
        mode: 'write',
        ttlMs: TTL_MS,
        renew,
        mayArriveLate: false,
      },
      lease: new Lease(leaseClock, leaseClock.now(), remainingMs),
    },
  );
  return lock.signal;
}

describe('the signal of a lock aborts at its end', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['that is not renewed', TTL_MS, false],
    ['whose renewals stay without an answer', TTL_MS, true],
    ['that would end before its first renewal', 2_000, true],
  ])('%s', async (_, remainingMs, renew) => {
    const signal = holding(remainingMs, renew);
    await jest.advanceTimersByTimeAsync(remainingMs * 0.98 - 10);
    expect(signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(remainingMs * 0.02);
    expect(signal.aborted).toBe(true);
  });
});
