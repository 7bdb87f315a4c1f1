type Recover<T> = (failure: unknown, isOver: () => boolean) => Promise<T>;

/**
 * Deadlines for many calls that all have the same time. One timer watches over the oldest call, so that a call costs
 * no timer of its own; calls are a linked list in the order they began, so that one that has ended is let go at once.
 */
export class Deadlines {
  private oldest: Call | undefined;
  private newest: Call | undefined;
  private timer: NodeJS.Timeout | undefined;
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
  guard<T>(work: Promise<T>, recover: Recover<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = this.begin(reject);
      const succeed = (value: T): void => {
        this.end(call);
        resolve(value);
      };
      work.then(succeed, (failure: unknown) => {
        recover(failure, () => call.isOver).then(succeed, (error: unknown) => {
          this.end(call);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(error);
        });
      });
    });
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    if (this.oldest === undefined) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private begin(reject: (error: Error) => void): Call {
    const call = new Call(performance.now() + this.ms, reject, this.newest);
    if (this.newest === undefined) this.oldest = call;
    else this.newest.next = call;
    this.newest = call;
    this.timer ??= this.watch(this.ms);
    return call;
  }

  private end(call: Call): void {
    if (call.isOver) return;
    call.isOver = true;
    const { previous, next } = call;
    if (previous === undefined) this.oldest = next;
    else previous.next = next;
    if (next === undefined) this.newest = previous;
    else next.previous = previous;
    if (this.oldest === undefined && this.whenIdle.length > 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private watch(ms: number): NodeJS.Timeout {
    // The calls themselves keep the process alive, by their sockets.
    return setTimeout(() => this.giveUpLate(), ms).unref();
  }

  private giveUpLate(): void {
    const now = performance.now();
    while (this.oldest !== undefined && this.oldest.endsAt <= now) {
      this.oldest.reject(this.late());
      this.end(this.oldest);
    }
    this.timer = this.oldest && this.watch(Math.max(1, this.oldest.endsAt - now));
  }
}

class Call {
  isOver = false;
  next: Call | undefined;

  constructor(
    readonly endsAt: number,
    readonly reject: (error: Error) => void,
    public previous: Call | undefined,
  ) {}
}
