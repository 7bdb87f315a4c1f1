import { Coherence, COHERENCE_BOUND_MS, type Heart, HEARTBEAT_MS } from './coherence.js';

class FakeHeart implements Heart {
  constructor(private readonly onReset: () => void) {}

  ping(answered: () => void): void {
    answered();
  }

  reset(): void {
    this.onReset();
  }
}

/** A primary to which each new connection leads as `dial` says. */
class Scene {
  resets = 0;
  told = 0;
  readonly coherence: Coherence;
  private now = 0;

  constructor(private readonly dial: () => string) {
    this.coherence = new Coherence({
      clock: { monotonicMs: () => this.now, wallMs: () => this.now },
      onVoid: () => undefined,
      onArmed: () => undefined,
      onSlept: () => undefined,
      onElsewhere: () => (this.told += 1),
    });
    this.coherence.expect(['primary'], 'topology-changed');
    this.coherence.commandsReach('primary', 'a');
    this.connect();
  }

  pass(seconds: number): void {
    for (let beats = Math.round((seconds * 1_000) / HEARTBEAT_MS); beats > 0; beats -= 1) {
      this.now += HEARTBEAT_MS;
      this.coherence.beat();
    }
  }

  private connect(): void {
    const heart = new FakeHeart(() => {
      this.resets += 1;
      this.coherence.lose('primary', heart);
      this.connect();
    });
    this.coherence.arm('primary', heart, this.dial());
  }
}

describe('a connection for changes that leads to another server than the commands', () => {
  it('is made anew less and less often, and told of once', () => {
    const scene = new Scene(() => 'b');
    scene.pass(5);
    expect([scene.resets, scene.told]).toEqual([12, 0]);
    scene.pass(10);
    expect([scene.resets, scene.told]).toEqual([15, 1]);
    scene.pass(3_600);
    expect(scene.resets).toBeLessThan(150);
    expect(scene.told).toBe(1);
    expect(scene.coherence.now()).toBeUndefined();
  });

  it('is taken as soon as it leads to the right one', () => {
    let server = 'b';
    const scene = new Scene(() => server);
    scene.pass(600);
    server = 'a';
    scene.pass(31);
    expect(scene.coherence.now()).toBeDefined();
  });

  it('is tried at once after the commands have gone to another server, and counted from the beginning', () => {
    const scene = new Scene(() => 'b');
    scene.pass(600);
    const { resets } = scene;
    scene.coherence.commandsReach('primary', 'c');
    scene.pass(1);
    expect(scene.resets).toBe(resets + 3);
    scene.pass(14);
    expect(scene.told).toBe(2);
  });

  it('is kept where it leads to when the commands come there', () => {
    const scene = new Scene(() => 'b');
    scene.pass(5);
    scene.coherence.commandsReach('primary', 'b');
    const { resets } = scene;
    scene.pass(5);
    expect(scene.resets).toBe(resets);
    expect(scene.coherence.now()).toBeDefined();
  });
});

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
      onElsewhere: () => undefined,
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
