import { jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Cancellations } from './cancellations.js';
import type { Held, LockStore } from './lock-store.js';

const HELD: Held = { kind: 'lock', resource: 'r', attempt: 'a' };
const MAX_TTL_MS = 10_000;
/** For which a command may be under way, here and in Redis. */
const UNDER_WAY_MS = 30_000;
/** Longer than the pause after the third time. */
const LATER_MS = 700;

/** Redis gives no answer so many times. */
function unansweredFor(times: number) {
  const sent: Held[] = [];
  let tellConfirmed = (): void => undefined;
  const confirmed = new Promise<void>((resolve) => (tellConfirmed = resolve));
  const cancel = async (held: Held) => {
    sent.push(held);
    if (sent.length <= times) throw new Error('no answer');
    tellConfirmed();
    return 'released' as const;
  };
  return { sent, confirmed, cancellations: new Cancellations({ cancel } as unknown as LockStore, MAX_TTL_MS) };
}

describe('what is given back in the background', () => {
  it('is sent until Redis has confirmed it, and then no more', async () => {
    const { sent, confirmed, cancellations } = unansweredFor(2);
    cancellations.add(HELD);
    await confirmed;
    await pause(LATER_MS);
    expect(sent).toEqual([HELD, HELD, HELD]);
  });

  it.each([
    ['what was held', 0],
    ['a place in the queue', 60_000],
  ])('is not sent for ever, because after some time there is nothing left to give back: %s', async (_, queuedForMs) => {
    const { sent, cancellations } = unansweredFor(Infinity);
    cancellations.add(HELD, queuedForMs);
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now');
    const sentAt = async (laterMs: number, forMs: number) => {
      clock.mockImplementation(() => now() + laterMs);
      const before = sent.length;
      await pause(forMs);
      return sent.length - before;
    };
    expect(await sentAt(queuedForMs + MAX_TTL_MS + UNDER_WAY_MS - 5_000, LATER_MS / 2)).toBeGreaterThan(0);
    expect(await sentAt(queuedForMs + MAX_TTL_MS + UNDER_WAY_MS, LATER_MS)).toBe(0);
    clock.mockRestore();
    cancellations.close();
  });

  it('is left to its ttl when the application ends', async () => {
    const { sent, cancellations } = unansweredFor(Infinity);
    cancellations.add(HELD);
    await pause(0);
    cancellations.close();
    await pause(LATER_MS);
    expect(sent).toHaveLength(1);
  });
});
