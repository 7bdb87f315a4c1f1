/** What one caller waits for, of the loads of others: so many of them, and so long. */
export class Patience {
  private readonly endsAt: number;

  constructor(
    waitTimeoutMs: number,
    private loadsLeft: number,
  ) {
    this.endsAt = performance.now() + waitTimeoutMs;
  }

  get isOver(): boolean {
    return this.loadsLeft <= 0 || this.remainingMs <= 0;
  }

  get remainingMs(): number {
    return this.endsAt - performance.now();
  }

  /** One more load has ended without a value for this caller. */
  spend(): void {
    this.loadsLeft -= 1;
  }

  /** What `work` gives, or `undefined` when time is up. */
  async orTimeUp<T>(work: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.max(0, this.remainingMs));
    });
    return Promise.race([work, timeUp]).finally(() => clearTimeout(timer));
  }
}
