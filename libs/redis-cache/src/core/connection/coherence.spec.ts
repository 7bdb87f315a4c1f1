import { Coherence, type Heart, HEARTBEAT_MS } from './coherence.js';

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
