import { COHERENCE_BOUND_MS } from '../../../libs/redis-cache/src/core/connection/index.js';
import { Random } from '../random.js';
import type { BrokenRule } from './rules.js';
import type { SimulatedLink } from './simulated-link.js';
import { SimulatedPrimary, type Version } from './simulated-primary.js';
import { SimulatedProcess } from './simulated-process.js';
import { VirtualTime } from './virtual-time.js';

export interface Outcome {
  readonly violations: readonly string[];
  readonly reads: number;
  readonly hits: number;
}

const LENGTH_MS = 22_000;
const KEYS = ['a', 'b', 'c'];

/** One run of 22 seconds in which all goes wrong that a seed has in store. */
export class Simulation {
  private readonly time = new VirtualTime();
  private readonly random: Random;
  private readonly primaries: readonly SimulatedPrimary[];
  private readonly process: SimulatedProcess;
  private readonly violations: string[] = [];
  /** What each key has last been seen as, and the newest version whose eviction was called here, or is under way. */
  private readonly seen = new Map<string, number>();
  private readonly evicted = new Map<string, number>();
  private reads = 0;
  private hits = 0;

  constructor(seed: number, broken?: BrokenRule) {
    const { time } = this;
    const random = (this.random = new Random(seed));
    this.primaries = ['one', 'two'].slice(0, 1 + random.below(2)).map((name) => new SimulatedPrimary(time, name));
    this.process = new SimulatedProcess(time, random, {
      ...{ primaries: this.primaries, broken },
      onHit: (version, seen) => this.check(version, seen),
      onRead: (version) => version && this.seen.set(version.key, version.number),
    });
  }

  run(): Outcome {
    this.repeat('script', [3, 11], () => this.read());
    this.repeat('world', [30, 400], () => this.write());
    this.repeat('script', [200, 800], () => this.evict());
    this.repeat('world', [3_000, 9_000], () => this.primaries.forEach((primary) => primary.flush()));
    this.disturb();
    this.time.run(LENGTH_MS, () => this.violations.length > 0);
    return { violations: this.violations, reads: this.reads, hits: this.hits };
  }

  /** By each fault once or more, at any time. */
  private disturb(): void {
    const { process, random, time } = this;
    const { signalWeathers, commandWeather } = process;
    const signalWeather = random.oneOf(signalWeathers);
    const once = (fault: () => void): void => time.after(500 + random.below(19_000), 'world', fault);
    const delayed = (weather: typeof signalWeather, mostMs: number, forMs: number): void => {
      const { delayMs } = weather;
      const [began, growth] = [time.now, 0.3];
      const limit = 100 + random.below(mostMs);
      weather.delayMs = () => Math.min(random.below(limit), (time.now - began) * growth);
      time.after(forMs, 'world', () => (weather.delayMs = delayMs));
    };
    const slow = (): void => {
      const { delayMs } = signalWeather;
      const [began, mostMs] = [time.now, 100 + random.below(4_000)];
      signalWeather.delayMs = () => Math.min(mostMs, (time.now - began) * 0.3);
      time.after(5_000, 'world', () => (signalWeather.delayMs = delayMs));
    };
    if (random.below(2) === 0) delayed(commandWeather, 400, 3_000); // also Redis's time is then known badly
    once(slow);
    once(() => (signalWeather.blackUntil = time.now + 400 + random.below(3_000)));
    once(() => delayed(commandWeather, 400, 3_000));
    once(() => time.stall(500 + random.below(4_000)));
    once(() => time.sleep(500 + random.below(4_000)));
    for (let reset = 0; reset < 6; reset += 1) once(() => process.reset(random.below(this.primaries.length)));
    once(() => this.failOver());
  }

  private failOver(): void {
    const at = this.random.below(this.primaries.length);
    const isolated = this.primaries[at]!.failOver();
    this.process.followFailOver(at, isolated);
  }

  private read(): void {
    this.reads += 1;
    const key = this.anyKey();
    this.process.read(key, this.primaryOf(key));
  }

  private write(): void {
    const key = this.anyKey();
    this.primaries[this.primaryOf(key)]!.write(key, 1_000 + this.random.below(7_000));
  }

  private evict(): void {
    const key = this.anyKey();
    const isResent = this.random.below(3) === 0;
    // What is sent after it is carried out after it, unless it has to be sent again.
    if (!isResent) this.evicted.set(key, Number.POSITIVE_INFINITY);
    const evicted = (newest: number): void => void this.evicted.set(key, newest);
    this.process.evict(key, this.primaryOf(key), { resendMs: isResent ? 1 + this.random.below(200) : 0, evicted });
  }

  private check(version: Version, seen: SimulatedLink['seen']): void {
    this.hits += 1;
    const { key, number, superseded, freshUntilMs } = version;
    const { redisMs } = this.primaries[this.primaryOf(key)]!;
    if (superseded !== undefined && this.time.now - superseded.at > COHERENCE_BOUND_MS)
      this.tell(`stale for ${Math.round(this.time.now - superseded.at)} ms`, version);
    if (superseded !== undefined && seen?.server === superseded.server && seen.step > superseded.step)
      this.tell('stale although a later message was heard', version);
    if (redisMs >= freshUntilMs) this.tell(`${redisMs - freshUntilMs} ms beyond its end`, version);
    if (number <= (this.evicted.get(key) ?? -1)) this.tell('evicted by this process', version);
    if (number < (this.seen.get(key) ?? -1)) this.tell('older than what this process has seen', version);
  }

  private tell(what: string, { key, number }: Version): void {
    this.violations.push(`${Math.round(this.time.now)} ms: version ${number} of ${key} is ${what}`);
  }

  private repeat(kind: 'script' | 'world', [least, most]: [number, number], work: () => void): void {
    this.time.after(least + this.random.below(most - least), kind, () => {
      work();
      this.repeat(kind, [least, most], work);
    });
  }

  private anyKey(): string {
    return this.random.oneOf(KEYS);
  }

  private primaryOf(key: string): number {
    return KEYS.indexOf(key) % this.primaries.length;
  }
}
