import { setTimeout as pause } from 'node:timers/promises';
import { EventBus } from '../core/events/index.js';
import { Cancellations } from './cancellations.js';
import { leaseClock } from './lease.js';
import { LockAttempts } from './lock-attempts.js';
import type { LockEvents } from './lock.events.js';
import type { ClaimReply, Held, LockStore } from './lock-store.js';

const GRANTED: ClaimReply = { outcome: 'granted', remainingMs: 10_000, fencingToken: 1 };

/** A store that answers in this order, and tells for how long it was listened to after each answer, and what was cancelled. */
function attemptsOn(replies: ClaimReply[], claims: 'once' | 'twice' = 'once') {
  const waits: number[] = [];
  const cancelled: Held[] = [];
  const store: LockStore = {
    take: () => undefined,
    claim: async (_, onCopy) => {
      if (claims === 'twice') onCopy();
      return replies.shift() ?? GRANTED;
    },
    extend: async () => 10_000,
    release: async () => 'released',
    cancel: async (held) => {
      cancelled.push(held);
      return 'released';
    },
    inspect: async () => ({ holders: [], waiters: [] }),
    listen: async () => ({ wait: async (ms) => void waits.push(ms), end: () => undefined }),
  };
  const attempts = new LockAttempts({
    ...{ store, clock: leaseClock, events: new EventBus<LockEvents>(), maxTtlMs: 10_000 },
    cancellations: new Cancellations(store, 10_000),
  });
  return { attempts, waits, cancelled, store };
}

const wanted = { kind: 'lock', resource: 'r', mode: 'write', permits: 1, ttlMs: 10_000, purpose: '' } as const;
const take = (attempts: LockAttempts, waitMs: number) =>
  attempts.tryTake({ ...wanted, waitMs, renew: false, signal: undefined });

describe('whoever waits for a lock', () => {
  it('looks for himself when it would end or open, whether or not he was called', async () => {
    const { attempts, waits } = attemptsOn([
      { outcome: 'busy', remainingMs: 120, holder: undefined },
      { outcome: 'closed', remainingMs: 80 },
    ]);
    await (await take(attempts, 60_000))!.release();
    expect(waits).toEqual([120, 80]);
  });

  it('does not wait for longer than he wants to', async () => {
    const { attempts, waits } = attemptsOn([{ outcome: 'busy', remainingMs: 60_000, holder: undefined }]);
    await (await take(attempts, 5_000))!.release();
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeLessThanOrEqual(5_000);
  });

  it('has waited also while he asked whether it is free', async () => {
    const { attempts, store } = attemptsOn([{ outcome: 'busy', remainingMs: 60_000, holder: undefined }]);
    const claims: number[] = [];
    const { claim } = store;
    store.take = () => pause(100).then(() => undefined);
    store.claim = (asked, onCopy) => {
      claims.push(asked.waitMs);
      return claim(asked, onCopy);
    };
    await (await take(attempts, 5_000))!.release();
    expect(claims).toHaveLength(2);
    expect(Math.max(...claims)).toBeLessThan(5_000 - 50);
  });
});

describe('an attempt that was refused', () => {
  it.each([
    ['is at its end when it was claimed once', 'once', 0],
    ['is cancelled when it was claimed twice: one of the claims may arrive when the lock is free', 'twice', 1],
  ] as const)('%s', async (_, claims, expected) => {
    const { attempts, cancelled } = attemptsOn([{ outcome: 'busy', remainingMs: 100, holder: undefined }], claims);
    expect(await take(attempts, 0)).toBeUndefined();
    expect(cancelled).toHaveLength(expected);
  });
});
