import type { Listening } from './lock-store.js';

/** The attempts of this process that wait to be called up. A call that comes before the wait begins counts as well. */
export class Waits {
  private readonly calls = new Map<string, Call>();

  listen(attempt: string): Listening {
    const call = new Call();
    this.calls.set(attempt, call);
    return { wait: (ms, signal) => call.wait(ms, signal), end: () => void this.calls.delete(attempt) };
  }

  endOf(attempt: string): void {
    this.calls.get(attempt)?.come();
  }

  endAll(): void {
    for (const call of this.calls.values()) call.come();
  }
}

class Call {
  private hasCome = false;
  private arrive: (() => void) | undefined;

  come(): void {
    this.hasCome = true;
    this.arrive?.();
  }

  async wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.hasCome && signal?.aborted !== true) await this.arrival(ms, signal);
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
