import { LocalCopies } from '../../../libs/redis-cache/src/cache/local-copies.js';
import { Coherence, HEARTBEAT_MS, RedisClock } from '../../../libs/redis-cache/src/core/connection/index.js';
import type { Random } from '../random.js';
import type { BrokenRule } from './rules.js';
import { SimulatedLink, type Weather } from './simulated-link.js';
import type { Server, SimulatedPrimary, Version } from './simulated-primary.js';
import { type VirtualTime, Wire } from './virtual-time.js';

interface Route {
  readonly primary: SimulatedPrimary;
  readonly link: SimulatedLink;
  /** Where new connections for invalidations lead to; the primary, unless told otherwise. */
  dialled: Server | undefined;
  commands: { isOpen: boolean; readonly server: Server; readonly up: Wire; readonly down: Wire };
}

interface Answer<T> {
  then(done: (reply: T) => void, lost?: () => void): void;
}

const NO_BYTES = Buffer.alloc(0);

/** A process that reads through the library's copies, with the connections they need. */
export class SimulatedProcess {
  /** One for each primary. */
  readonly signalWeathers: readonly Weather[];
  readonly commandWeather: Weather = { delayMs: () => this.random.below(3), blackUntil: 0 };
  readonly coherence: Coherence;
  readonly copies: LocalCopies;
  readonly clock: RedisClock;
  private readonly routes: Route[];

  constructor(
    readonly time: VirtualTime,
    private readonly random: Random,
    private readonly setup: {
      readonly primaries: readonly SimulatedPrimary[];
      readonly broken: BrokenRule | undefined;
      /** A copy has answered. */
      readonly onHit: (version: Version, seen: SimulatedLink['seen']) => void;
      /** Redis has answered. */
      readonly onRead: (version: Version | undefined) => void;
    },
  ) {
    this.signalWeathers = setup.primaries.map(() => ({ delayMs: () => random.below(3), blackUntil: 0 }));
    this.clock = new RedisClock(time.monotonicMs);
    this.coherence = new Coherence({
      clock: time,
      onVoid: () => this.copies.voided(),
      onArmed: () => this.copies.armed(),
      onElsewhere: () => undefined,
      onSlept: () => {
        this.clock.forget();
        this.learnTime();
      },
    });
    this.copies = new LocalCopies({
      limits: { maxEntries: 100, maxBytes: 1_000_000 },
      codec: { read: () => ({ value: undefined }) },
      coherence: this.coherence,
      clock: this.clock,
      keyOf: (entry) => entry,
      keepsStale: true,
      onOutweighed: () => undefined,
    });
    setup.broken?.alter?.(this);
    const names = setup.primaries.map(({ name }) => name);
    this.coherence.expect(names, 'topology-changed');
    this.routes = setup.primaries.map((primary, at) => this.routeTo(primary, this.signalWeathers[at]!));
    for (const route of this.routes) this.askRunId(route);
    this.beat();
    time.after(random.below(3_000), 'timer', () => this.learnTimeAgain());
  }

  read(key: string, primary: number): void {
    const route = this.routes[primary]!;
    const copy = this.copies.find(key);
    if (copy !== undefined) return this.setup.onHit(copy.value as Version, route.link.seen);
    const token = this.copies.begin(key);
    const answered = (version: Version | undefined): void => {
      this.setup.onRead(version);
      const stored = version && { value: version, envelope: envelopeOf(version), isFrozen: true as const };
      this.copies.settle(key, token, stored && { bytes: NO_BYTES, stored });
    };
    const { server } = route.commands;
    this.ask(route, () => route.primary.read(server, key)).then(answered, () => this.copies.abandon(key, token));
  }

  /** @param resendMs it is carried out so much later than what was sent behind it */
  evict(key: string, primary: number, { resendMs, evicted }: { resendMs: number; evicted: (newest: number) => void }) {
    const route = this.routes[primary]!;
    const { keepsWhenEvictionIsCalled, keepsWhenEvictionIsAcknowledged } = this.setup.broken ?? {};
    if (!keepsWhenEvictionIsCalled) this.drop(key);
    const end = (newest: number): void => {
      if (!keepsWhenEvictionIsAcknowledged) this.drop(key);
      evicted(newest);
    };
    const run = (): void => this.ask(route, () => route.primary.evict(key)).then(end, () => end(-1));
    if (resendMs === 0) run();
    else this.time.after(resendMs, 'io', run);
  }

  /** Signals are lost, and a new connection made for them. */
  reset(primary: number): void {
    this.routes[primary]!.link.reset();
  }

  /** Commands go to the new primary at once; the connection for invalidations stays where it is for a while. */
  followFailOver(primary: number, isolated: Server): void {
    const route = this.routes[primary]!;
    route.dialled = isolated;
    this.time.after(3_000, 'world', () => (route.dialled = undefined));
    route.commands.isOpen = false;
    this.coherence.commandsReach(route.primary.name, undefined);
    route.commands = this.commandsTo(route.primary.current);
    this.askRunId(route);
  }

  private drop(key: string): void {
    (this.copies as unknown as { drop(coverage: object): void }).drop({ keys: [key], covers: () => false });
  }

  private routeTo(primary: SimulatedPrimary, weather: Weather): Route {
    const { time, random, coherence } = this;
    const link = new SimulatedLink({
      ...{ time, random, primary, coherence, weather },
      dial: () => route.dialled ?? primary.current,
      onInvalidated: (key) => (key === null ? this.copies.flushed() : this.copies.changed(key)),
      armsAtConnect: this.setup.broken?.armsAtConnect ?? false,
    });
    const route: Route = { primary, link, dialled: undefined, commands: this.commandsTo(primary.current) };
    return route;
  }

  private commandsTo(server: Server): Route['commands'] {
    const isOpen = (): boolean => commands.isOpen;
    const wire = (): Wire => new Wire(this.time, () => this.commandWeather.delayMs(), isOpen);
    const commands = { isOpen: true, server, up: wire(), down: wire() };
    return commands;
  }

  /** A command on its way there and back, or lost on the way. */
  private ask<T>({ commands: { up, down } }: Route, command: () => T): Answer<T> {
    return {
      then: (done, lost) =>
        up.send(
          'world',
          () => {
            const reply = command();
            down.send('io', () => done(reply), lost);
          },
          lost,
        ),
    };
  }

  private askRunId(route: Route): void {
    const { server } = route.commands;
    this.ask(route, () => server.runId).then((runId) => this.coherence.commandsReach(route.primary.name, runId));
  }

  private beat(): void {
    this.time.after(HEARTBEAT_MS, 'timer', () => {
      this.coherence.beat();
      this.beat();
    });
  }

  private learnTimeAgain(): void {
    this.learnTime();
    this.time.after(7_000, 'timer', () => this.learnTimeAgain());
  }

  private learnTime(): void {
    const [route] = this.routes as [Route];
    const startedAt = this.clock.start();
    this.ask(route, () => route.primary.redisMs).then((redisMs) => this.clock.observe(redisMs, startedAt));
  }
}

function envelopeOf({ createdAtMs, freshUntilMs }: Version) {
  return { flags: 0, createdAtMs, freshUntilMs, expiresAtMs: freshUntilMs, loadMs: 0, tags: [] };
}
