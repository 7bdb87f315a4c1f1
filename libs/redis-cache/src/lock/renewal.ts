interface RenewalOptions {
  readonly ttlMs: () => number;
  /** Resolves with whether it was prolonged; rejects when there is no answer. */
  readonly renew: () => Promise<boolean>;
}

/** A third of the ttl between two renewals; a ninth while there is no answer, so that there are several tries. */
const PARTS = 3;
const PARTS_WHEN_UNANSWERED = 9;

/** Prolongs something again and again, until it is stopped or lost. */
export class Renewal {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly options: RenewalOptions) {
    this.schedule(PARTS);
  }

  /** After which time it is tried for the first time. */
  get firstAfterMs(): number {
    return this.options.ttlMs() / PARTS;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private schedule(parts: number): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => this.tryOnce(), this.options.ttlMs() / parts).unref();
  }

  private tryOnce(): void {
    this.schedule(PARTS_WHEN_UNANSWERED);
    this.options.renew().then(
      (isHeld) => (isHeld ? this.schedule(PARTS) : this.stop()),
      () => undefined, // the next try is scheduled already
    );
  }
}
