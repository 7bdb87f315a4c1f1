/** `closed`: calls pass. `open`: they fail at once. `half-open`: it is being found out whether they may pass. */
export type BreakerState = 'closed' | 'open' | 'half-open';

interface BreakerParts {
  /** So many failures in a row open it. */
  readonly failuresToOpen: number;
  /** The pause between two probes. */
  readonly probeEveryMs: number;
  /** Finds out whether calls may pass again, and does first what must come before them. Rejects when they may not. */
  readonly probe: () => Promise<void>;
  readonly onChange: (state: BreakerState) => void;
}

/**
 * Spares callers the wait for a server that does not answer. It begins half-open: nothing passes before a first probe
 * has succeeded. Probes run in the background, never on a caller's time, and one at a time.
 */
export class CircuitBreaker {
  private current: BreakerState = 'half-open';
  private failures = 0;
  private probing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** A server that is lost while it is being probed has proven nothing. */
  private losses = 0;
  private isStopped = false;

  constructor(private readonly parts: BreakerParts) {}

  get state(): BreakerState {
    return this.current;
  }

  get isClosed(): boolean {
    return this.current === 'closed';
  }

  /** Whether there have been so many failures that a call should not even be tried. */
  get failsAtOnce(): boolean {
    return this.current !== 'closed' && this.failures >= this.parts.failuresToOpen;
  }

  succeeded(): void {
    if (this.isClosed) this.failures = 0;
  }

  failed(): void {
    this.failures += 1;
    if (this.failures >= this.parts.failuresToOpen && this.current !== 'open' && this.probing === undefined)
      this.open();
  }

  /** The server cannot be reached, or may be another one when it is back: nothing passes before it is probed. */
  lost(): void {
    this.losses += 1;
    if (this.isClosed) this.changeTo('half-open');
    this.probeLater();
  }

  /** A connection has been made: callers may wait for the probe. */
  connected(): void {
    this.failures = 0;
    void this.probe();
  }

  /** Probes now, or as soon as the probe that is under way has ended. Never rejects. */
  async probe(): Promise<void> {
    await this.probing;
    if (this.isClosed) return;
    this.probing ??= this.probeOnce().finally(() => (this.probing = undefined));
    await this.probing;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async probeOnce(): Promise<void> {
    clearTimeout(this.timer);
    this.changeTo('half-open');
    const seen = this.losses;
    try {
      await this.parts.probe();
      if (seen !== this.losses) throw new Error('lost while it was probed');
      this.failures = 0;
      this.changeTo('closed');
    } catch {
      this.failures += 1;
      if (this.failures >= this.parts.failuresToOpen) this.changeTo('open');
      this.probeLater();
    }
  }

  private open(): void {
    this.changeTo('open');
    this.probeLater();
  }

  private probeLater(): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.probe(), this.parts.probeEveryMs).unref();
  }

  private changeTo(state: BreakerState): void {
    if (this.current === state || this.isStopped) return;
    this.current = state;
    this.parts.onChange(state);
  }
}
