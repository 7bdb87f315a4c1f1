/** The connection to one primary over which invalidations come. */
export interface Heart {
  /** Sends a ping over it, behind whatever the server has told before it answers. */
  ping(answered: () => void): void;
  /** Ends it, so that a new one is made. */
  reset(): void;
}

export interface CoherenceClock {
  /** Stands still while the machine sleeps. */
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

export type VoidReason =
  'connection-lost' | 'commands-elsewhere' | 'topology-changed' | 'namespace-added' | 'machine-slept' | 'closed';

interface CoherenceParts {
  readonly clock: CoherenceClock;
  /** Everything known until now is worth nothing any more. */
  readonly onVoid: (reason: VoidReason) => void;
  readonly onArmed: () => void;
  /** The clocks have moved apart. */
  readonly onSlept: () => void;
  /** Time and again another server tells what changes than answers the commands. */
  readonly onElsewhere: () => void;
}

/** Invalidations come over one connection, from the moment its server has said so until it is lost. */
interface Arming {
  readonly heart: Heart;
  readonly runId: string;
  /** When the last ping that was answered was sent. */
  answeredSentAt: number;
  unanswered: number;
}

interface Primary {
  arming?: Arming | undefined;
  /** The server that answers commands. */
  commandsRunId?: string | undefined;
  /** How often, in a row, a new connection has led to another server than the commands. */
  strayed: number;
  /** So many heartbeats until it is tried anew. */
  pause: number;
}

/** So long after the last answered ping was sent what was read before may still be taken for true. */
export const COHERENCE_BOUND_MS = 1_000;
export const HEARTBEAT_MS = 333;

/** Counted, not timed: while this process stalls the answers lie unread in the socket. */
const MOST_UNANSWERED = 6;
/** So often it is tried at each heartbeat: a failover takes a few seconds. */
const STRAYED_PROMPTLY = 10;
/** After eight seconds. */
const STRAYED_TO_TELL = 14;
/** Half a minute. */
const LONGEST_PAUSE = 90;
/** By how much the clocks may part between two heartbeats without the machine having slept. */
const CLOCK_TOLERANCE_MS = 100;

const NEVER = Number.NEGATIVE_INFINITY;
const NOT_STRAYED = { strayed: 0, pause: 0 };

/**
 * Whether what this process has read may still be taken for true: invalidations are told by every primary, by the very
 * servers that answer commands, and a ping behind them was answered a moment ago. Without sockets and timers.
 */
export class Coherence {
  private primaries = new Map<string, Primary>();
  private armed = false;
  /** One number to compare with at each read. */
  private until = NEVER;
  private clockGap: number;
  private sinceMs: number | undefined;

  constructor(private readonly parts: CoherenceParts) {
    this.clockGap = this.gapBetweenClocks(parts.clock.monotonicMs());
  }

  /** Whether what is asked of Redis from now on is invalidated when it changes. */
  get isArmed(): boolean {
    return this.armed;
  }

  /** The moment on the monotonic clock, unless nothing that was read before may be taken for true now. */
  now(): number | undefined {
    const now = this.moment();
    return now < this.until ? now : undefined;
  }

  /** Since when, without a gap. */
  get since(): Date | undefined {
    return this.now() === undefined || this.sinceMs === undefined ? undefined : new Date(this.sinceMs);
  }

  /** These are the primaries from now on. */
  expect(names: Iterable<string>, reason: VoidReason): void {
    const known = this.primaries;
    this.void(reason);
    this.primaries = new Map(
      [...names].map((name) => [name, { ...NOT_STRAYED, commandsRunId: known.get(name)?.commandsRunId }]),
    );
  }

  /** The server that answers commands in place of a primary; `undefined` while there is none. */
  commandsReach(name: string, runId: string | undefined): void {
    const primary = this.primaries.get(name);
    if (primary === undefined || primary.commandsRunId === runId) return;
    Object.assign(primary, NOT_STRAYED, { commandsRunId: runId });
    this.judge('commands-elsewhere');
  }

  /** A primary has acknowledged that it tells what changes. */
  arm(name: string, heart: Heart, runId: string): void {
    const primary = this.primaries.get(name);
    if (primary === undefined) return;
    this.void('connection-lost');
    primary.arming = { heart, runId, answeredSentAt: NEVER, unanswered: 0 };
    if (runId === primary.commandsRunId) Object.assign(primary, NOT_STRAYED);
    this.judge('connection-lost');
    this.ping(primary.arming);
  }

  lose(name: string, heart: Heart): void {
    const primary = this.primaries.get(name);
    if (primary?.arming?.heart !== heart) return;
    primary.arming = undefined;
    this.judge('connection-lost');
  }

  /** To be called at every heartbeat. */
  beat(): void {
    this.clockGap = this.gapBetweenClocks(this.moment());
    for (const primary of this.primaries.values()) {
      const { arming, commandsRunId } = primary;
      if (arming === undefined) continue;
      if (commandsRunId !== undefined && commandsRunId !== arming.runId) this.redial(primary, arming);
      else if (arming.unanswered >= MOST_UNANSWERED) arming.heart.reset();
      else this.ping(arming);
    }
  }

  /** A new connection may lead to the right server; where it never does, trying less and less often is enough. */
  private redial(primary: Primary, { heart }: Arming): void {
    primary.pause -= 1;
    if (primary.pause > 0) return;
    primary.strayed += 1;
    primary.pause = Math.min(2 ** Math.max(0, primary.strayed - STRAYED_PROMPTLY), LONGEST_PAUSE);
    if (primary.strayed === STRAYED_TO_TELL) this.parts.onElsewhere();
    heart.reset();
  }

  private ping(arming: Arming): void {
    const sentAt = this.moment();
    arming.unanswered += 1;
    arming.heart.ping(() => {
      arming.unanswered = 0;
      arming.answeredSentAt = Math.max(arming.answeredSentAt, sentAt);
      this.extend();
    });
  }

  private extend(): void {
    if (!this.armed) return;
    const now = this.moment();
    const wasCoherent = now < this.until;
    const armings = [...this.primaries.values()].map(({ arming }) => arming!);
    this.until = Math.min(...armings.map(({ answeredSentAt }) => answeredSentAt)) + COHERENCE_BOUND_MS;
    if (!wasCoherent && now < this.until) this.sinceMs = this.parts.clock.wallMs();
  }

  private judge(reason: VoidReason): void {
    const primaries = [...this.primaries.values()];
    const isArmed =
      primaries.length > 0 &&
      primaries.every(({ arming, commandsRunId }) => arming !== undefined && arming.runId === commandsRunId);
    if (!isArmed) return this.void(reason);
    if (this.armed) return;
    this.armed = true;
    this.parts.onArmed();
    this.extend();
  }

  private void(reason: VoidReason): void {
    const wasArmed = this.armed;
    this.armed = false;
    this.until = NEVER;
    if (wasArmed) this.parts.onVoid(reason);
  }

  private moment(): number {
    const now = this.parts.clock.monotonicMs();
    if (Math.abs(this.gapBetweenClocks(now) - this.clockGap) > CLOCK_TOLERANCE_MS) this.wake(now);
    return now;
  }

  /** Ends of copies were reckoned by a clock that has stood still. The connections themselves may have held. */
  private wake(now: number): void {
    this.clockGap = this.gapBetweenClocks(now);
    this.void('machine-slept');
    this.parts.onSlept();
    this.judge('machine-slept');
  }

  private gapBetweenClocks(now: number): number {
    return this.parts.clock.wallMs() - now;
  }
}
