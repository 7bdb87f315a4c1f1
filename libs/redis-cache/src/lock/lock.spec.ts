import { jest } from '@jest/globals';
import { EventBus } from '../core/events/index.js';
import { Cancellations } from './cancellations.js';
import { Lease, leaseClock } from './lease.js';
import { Lock } from './lock.js';
import type { LockEvents } from './lock.events.js';
import type { LockStore } from './lock-store.js';

const TTL_MS = 9_000;

const GRANT = {
  held: { kind: 'lock', resource: 'r', attempt: 'a', fencingToken: 1 },
  mode: 'write',
  ttlMs: TTL_MS,
  mayArriveLate: false,
} as const;

/** A lock of which so much remains when its holder hears of it, on a Redis that says nothing any more. */
function holding(remainingMs: number, renew: boolean) {
  const store = { extend: () => new Promise(() => undefined) } as unknown as LockStore;
  const lock = new Lock(
    {
      ...{ store, clock: leaseClock, events: new EventBus<LockEvents>(), maxTtlMs: TTL_MS },
      cancellations: new Cancellations(store, TTL_MS),
    },
    {
      ...GRANT,
      renew,
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

it('is lost, and not given back, when its holder was too busy to see that its time was over', async () => {
  let monotonicMs = 0;
  const clock = { now: () => ({ monotonicMs, wallMs: monotonicMs }) };
  const events = new EventBus<LockEvents>();
  const told: string[] = [];
  for (const name of ['lock:lost', 'lock:released'] as const) events.on(name, () => void told.push(name));
  const store = { release: async () => 'released' } as unknown as LockStore;
  const cancellations = new Cancellations(store, TTL_MS);
  const lock = new Lock(
    { store, clock, events, maxTtlMs: TTL_MS, cancellations },
    { ...GRANT, renew: false, lease: new Lease(clock, clock.now(), TTL_MS) },
  );
  monotonicMs = TTL_MS;
  await lock.release();
  expect(told).toEqual(['lock:lost']);
  expect(lock.signal.aborted).toBe(true);
});
