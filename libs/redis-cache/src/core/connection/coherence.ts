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
}

/** So long after the last answered ping was sent what was read before may still be taken for true. */
export const COHERENCE_BOUND_MS = 1_000;
export const HEARTBEAT_MS = 333;

/** Counted, not timed: while this process stalls the answers lie unread in the socket. */
const MOST_UNANSWERED = 6;
/** By how much the clocks may part between two heartbeats without the machine having slept. */
const CLOCK_TOLERANCE_MS = 100;

const NEVER = Number.NEGATIVE_INFINITY;

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
    this.primaries = new Map([...names].map((name) => [name, { commandsRunId: known.get(name)?.commandsRunId }]));
  }

  /** The server that answers commands in place of a primary; `undefined` while there is none. */
  commandsReach(name: string, runId: string | undefined): void {
    const primary = this.primaries.get(name);
    if (primary === undefined || primary.commandsRunId === runId) return;
    primary.commandsRunId = runId;
    this.judge('commands-elsewhere');
  }

  /** A primary has acknowledged that it tells what changes. */
  arm(name: string, heart: Heart, runId: string): void {
    const primary = this.primaries.get(name);
    if (primary === undefined) return;
    this.void('connection-lost');
    primary.arming = { heart, runId, answeredSentAt: NEVER, unanswered: 0 };
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
    for (const { arming, commandsRunId } of this.primaries.values()) {
      if (arming === undefined) continue;
      const isElsewhere = commandsRunId !== undefined && commandsRunId !== arming.runId;
      if (isElsewhere || arming.unanswered >= MOST_UNANSWERED) arming.heart.reset();
      else this.ping(arming);
    }
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
