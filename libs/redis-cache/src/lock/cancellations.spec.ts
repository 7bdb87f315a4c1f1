import { setTimeout as pause } from 'node:timers/promises';
import { Cancellations } from './cancellations.js';
import type { Held, LockStore } from './lock-store.js';

const HELD: Held = { kind: 'lock', resource: 'r', attempt: 'a' };
/** Longer than the pause after the third time. */
const LATER_MS = 700;

/** Redis gives no answer so many times. */
function unansweredFor(times: number) {
  const sent: Held[] = [];
  let tellConfirmed = (): void => undefined;
  const confirmed = new Promise<void>((resolve) => (tellConfirmed = resolve));
  const release = async (held: Held) => {
    sent.push(held);
    if (sent.length <= times) throw new Error('no answer');
    tellConfirmed();
    return 'released' as const;
  };
  return { sent, confirmed, cancellations: new Cancellations({ release } as unknown as LockStore) };
}

describe('what is given back in the background', () => {
  it('is sent until Redis has confirmed it, and then no more', async () => {
    const { sent, confirmed, cancellations } = unansweredFor(2);
    cancellations.add(HELD);
    await confirmed;
    await pause(LATER_MS);
    expect(sent).toEqual([HELD, HELD, HELD]);
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
