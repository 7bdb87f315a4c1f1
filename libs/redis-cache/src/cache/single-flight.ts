/** Whether a caller began the flight or found it under way. */
export type FlightRole = 'starter' | 'joiner';

/** Lets many callers of one key share one piece of work. */
export class SingleFlight<Result> {
  private readonly underWay = new Map<string, Promise<Result>>();

  async run(key: string, work: () => Promise<Result>): Promise<{ result: Result; role: FlightRole }> {
    const joined = this.underWay.get(key);
    if (joined !== undefined) return { result: await joined, role: 'joiner' };
    const started = work();
    this.underWay.set(key, started);
    try {
      return { result: await started, role: 'starter' };
    } finally {
      if (this.underWay.get(key) === started) this.underWay.delete(key);
    }
  }

  /** Later callers start anew instead of joining what is under way: it may have begun before a change. */
  detach(key: string): void {
    this.underWay.delete(key);
  }
}
