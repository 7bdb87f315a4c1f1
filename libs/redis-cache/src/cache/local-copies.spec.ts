import { jest } from '@jest/globals';
import { type FoundEntry, LocalCopies } from './local-copies.js';

const WINDOW = 1_000;

describe('LocalCopies', () => {
  const since = new Date(0);
  let now: number | undefined;
  const onOutweighed = jest.fn();
  let copies: LocalCopies;

  beforeEach(() => {
    now = 0;
    onOutweighed.mockClear();
    copies = new LocalCopies({
      limits: { maxEntries: 10, maxBytes: 1_000_000 },
      codec: { read: () => ({ value: 'decoded' }) },
      coherence: { now: () => now, isArmed: true, since },
      clock: { surelyBefore: (redisMs) => redisMs, isSurelyBefore: () => true },
      keepsStale: false,
      keyOf: (entry) => entry,
      onOutweighed,
    });
  });

  /** A read that finds what ends at 1,000. */
  function copy(key: string): void {
    const envelope = { createdAtMs: 0, freshUntilMs: 1_000, tags: [] };
    const stored = { value: key, envelope, isFrozen: true } as unknown as FoundEntry['stored'];
    copies.settle(key, copies.begin(key), { bytes: Buffer.alloc(0), stored });
  }

  const times = (count: number, work: () => unknown): void => {
    for (let time = 0; time < count; time += 1) work();
  };

  it('count hits, misses and what Redis has told, of this namespace a flush too', () => {
    copy('a');
    times(3, () => copies.find('a'));
    times(2, () => copies.find('b'));
    copies.changed('b');
    copies.flushed();
    expect(copies.state).toMatchObject({ hits: 3, misses: 2, invalidations: 2, entries: 0 });
  });

  it('say since when they have been coherent', () => {
    expect(copies.state.coherentSince).toBe(since);
  });

  it('answer until the entry ends, and only while they are coherent', () => {
    copy('a');
    now = 999;
    expect([copies.find('a')?.value, copies.has('a')]).toEqual(['a', true]);
    now = undefined;
    expect([copies.find('a'), copies.has('a')]).toEqual([undefined, false]);
    now = 1_000;
    expect([copies.find('a'), copies.has('a')]).toEqual([undefined, false]);
  });

  it('are emptied by a flush', () => {
    copy('a');
    const token = copies.begin('b');
    copies.flushed();
    expect(copies.has('a')).toBe(false);
    copies.settle('b', token, { bytes: Buffer.alloc(0), stored: { value: 'b', envelope: {} as never } });
    expect(copies.state.entries).toBe(0);
  });

  it('are called outweighed when a thousand changes have saved fewer reads, each thousand anew', () => {
    copy('a');
    times(WINDOW - 1, () => copies.find('a'));
    times(WINDOW - 1, () => copies.changed('b'));
    expect(onOutweighed).not.toHaveBeenCalled();
    copies.changed('b');
    expect(onOutweighed.mock.calls).toEqual([[{ hits: WINDOW - 1, invalidations: WINDOW }]]);
    times(WINDOW, () => copies.changed('b'));
    expect(onOutweighed.mock.calls[1]).toEqual([{ hits: 0, invalidations: WINDOW }]);
  });

  it('are not called outweighed when they have saved as many reads', () => {
    copy('a');
    times(WINDOW, () => copies.find('a'));
    times(WINDOW, () => copies.changed('b'));
    expect(onOutweighed).not.toHaveBeenCalled();
  });
});
