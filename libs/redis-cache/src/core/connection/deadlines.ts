interface Entry {
  readonly endsAt: number;
  readonly reject: (error: Error) => void;
  settled: boolean;
}

/**
 * Deadlines for many calls that all have the same time. One timer watches over the oldest call, so that a call costs
 * no timer of its own.
 */
export class Deadlines {
  private readonly entries: Entry[] = [];
  private oldest = 0;
  private timer: NodeJS.Timeout | undefined;
  private underWay = 0;
  private whenIdle: (() => void)[] = [];

  /** @param late makes the error of a call that is out of time */
  constructor(
    private readonly ms: number,
    private readonly late: () => Error,
  ) {}

  /**
   * Settles as `work` does; when `work` fails, as what `recover` makes of the failure. Rejects when both together take
   * longer than the deadline; what is under way is not stopped, and `recover` can ask whether it is over.
   */
  guard<T>(work: Promise<T>, recover: (failure: unknown, isOver: () => boolean) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry = this.add(reject);
      const succeed = (value: T): void => {
        this.settle(entry);
        resolve(value);
      };
      const fail = (error: unknown): void => {
        this.settle(entry);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      };
      work.then(succeed, (failure: unknown) => recover(failure, () => entry.settled).then(succeed, fail));
    });
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    if (this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private add(reject: (error: Error) => void): Entry {
    const entry = { endsAt: performance.now() + this.ms, reject, settled: false };
    this.entries.push(entry);
    this.underWay += 1;
    this.timer ??= this.watch(this.ms);
    return entry;
  }

  private settle(entry: Entry): void {
    if (entry.settled) return;
    entry.settled = true;
    this.underWay -= 1;
    this.forgetSettled();
    if (this.underWay === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  /** Calls end nearly in the order they began, so the front of the list empties as quickly as its end grows. */
  private forgetSettled(): void {
    while (this.entries[this.oldest]?.settled) this.oldest += 1;
    if (this.oldest < 1_000 && this.oldest < this.entries.length) return;
    this.entries.splice(0, this.oldest);
    this.oldest = 0;
  }

  private watch(ms: number): NodeJS.Timeout {
    // The calls themselves keep the process alive, by their sockets.
    return setTimeout(() => this.giveUpLate(), ms).unref();
  }

  private giveUpLate(): void {
    const now = performance.now();
    for (const entry of this.entries.slice(this.oldest)) {
      if (entry.endsAt > now) break;
      if (entry.settled) continue;
      entry.reject(this.late());
      this.settle(entry);
    }
    const next = this.entries[this.oldest];
    this.timer = next && this.watch(Math.max(1, next.endsAt - now));
  }
}
