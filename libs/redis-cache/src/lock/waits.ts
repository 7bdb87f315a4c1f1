import type { Listening } from './lock-store.js';

/** The attempts of this process that wait to be called up. A call that comes before the wait begins counts as well. */
export class Waits {
  private readonly calls = new Map<string, Call>();

  /** @param patienceMs after which time a wait ends although nobody has called */
  constructor(private readonly patienceMs: () => number = () => Infinity) {}

  listen(attempt: string): Listening {
    const call = new Call(this.patienceMs, () => this.calls.delete(attempt));
    this.calls.set(attempt, call);
    return call;
  }

  endOf(attempt: string): void {
    this.calls.get(attempt)?.come();
  }

  endAll(): void {
    for (const call of this.calls.values()) call.come();
  }
}

class Call implements Listening {
  private hasCome = false;
  private arrive: (() => void) | undefined;

  constructor(
    private readonly patienceMs: () => number,
    readonly end: () => void,
  ) {}

  come(): void {
    this.hasCome = true;
    this.arrive?.();
  }

  async wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.hasCome && signal?.aborted !== true) await this.arrival(Math.min(ms, this.patienceMs()), signal);
    this.hasCome = false;
  }

  private arrival(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.arrive = undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.max(1, Math.ceil(ms)));
      signal?.addEventListener('abort', end);
      this.arrive = end;
    });
  }
}
