import type { Claim, Held, LockStore } from './lock-store.js';
import { QuorumLockStore } from './quorum-lock-store.js';

const HELD: Held = { kind: 'lock', resource: 'r', attempt: 'a' };
const CLAIM: Claim = { ...HELD, mode: 'write', permits: 1, ttlMs: 10_000, waitMs: 0, purpose: '' };
const AWAY = new Error('away');

/** A server that is free, or held by somebody else, and answers releases like this. */
function node(isFree: boolean, release: () => Promise<'released' | 'lost'>): LockStore {
  return {
    take: () => undefined,
    claim: async () =>
      isFree
        ? { outcome: 'granted', fencingToken: 1, remainingMs: 10_000 }
        : { outcome: 'busy', remainingMs: 10_000, holder: undefined },
    release,
    cancel: release,
    extend: async () => undefined,
    inspect: () => Promise.reject(AWAY),
    listen: () => ({ wait: async () => undefined, end: () => undefined }),
  };
}

describe('what is known of a lock of a majority', () => {
  it('is an error of one server when none answers', async () => {
    const store = new QuorumLockStore([node(true, released), node(true, released), node(true, released)], CLAIM.ttlMs);
    await expect(store.inspect('lock', 'r')).rejects.toBe(AWAY);
  });
});

const released = async () => 'released' as const;
const lost = async () => 'lost' as const;
const unanswered = () => Promise.reject(AWAY);

describe('a lock of a majority that is given back', () => {
  const releaseOn = async (nodes: readonly LockStore[]) => {
    const store = new QuorumLockStore(nodes, CLAIM.ttlMs);
    expect(await store.claim(CLAIM)).toMatchObject({ outcome: 'granted' });
    return store.release(HELD);
  };

  it('is released when a majority says so', async () => {
    expect(await releaseOn([node(true, released), node(true, released), node(true, unanswered)])).toBe('released');
  });

  it('is lost when a majority did not have it any more', async () => {
    expect(await releaseOn([node(true, lost), node(true, lost), node(true, released)])).toBe('lost');
  });

  it('is not called lost while one that has not answered may have had it', async () => {
    const nodes = [node(true, released), node(false, lost), node(true, unanswered)];
    await expect(releaseOn(nodes)).rejects.toBe(AWAY);
  });
});
