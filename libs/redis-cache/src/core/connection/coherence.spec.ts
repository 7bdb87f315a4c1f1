import { Coherence, COHERENCE_BOUND_MS, HEARTBEAT_MS } from './coherence.js';

const EPOCH = 1_000_000;

describe('since when there has been coherence', () => {
  let now: number;
  let answers: boolean;
  let coherence: Coherence;
  const heart = { ping: (answered: () => void) => void (answers && answered()), reset: () => undefined };

  beforeEach(() => {
    now = 0;
    answers = true;
    coherence = new Coherence({
      clock: { monotonicMs: () => now, wallMs: () => EPOCH + now },
      onVoid: () => undefined,
      onArmed: () => undefined,
      onSlept: () => undefined,
    });
    coherence.expect(['one'], 'topology-changed');
    coherence.commandsReach('one', 'a1');
  });

  const beatFor = (ms: number): void => {
    for (const end = now + ms; now < end; now += HEARTBEAT_MS) coherence.beat();
  };
  const since = (): number | undefined => coherence.since && coherence.since.getTime() - EPOCH;

  it('is nothing before a first ping has been answered', () => {
    answers = false;
    coherence.arm('one', heart, 'a1');
    expect(since()).toBeUndefined();
  });

  it('stays what it is as long as there is no gap', () => {
    now = 500;
    coherence.arm('one', heart, 'a1');
    beatFor(20_000);
    expect(since()).toBe(500);
  });

  it('is nothing in a gap, and begins anew behind it', () => {
    coherence.arm('one', heart, 'a1');
    answers = false;
    beatFor(COHERENCE_BOUND_MS + HEARTBEAT_MS);
    expect(since()).toBeUndefined();
    answers = true;
    const end = now;
    beatFor(5_000);
    expect(since()).toBe(end);
  });

  it('is nothing when the connection is lost, and begins anew with the next', () => {
    coherence.arm('one', heart, 'a1');
    coherence.lose('one', heart);
    expect(since()).toBeUndefined();
    now = 700;
    coherence.arm('one', heart, 'a1');
    expect(since()).toBe(700);
  });
});
