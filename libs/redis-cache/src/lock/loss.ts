import type { LockLostError } from './lock.errors.js';

/** Whether something that was held was lost. Most holders never ask for the signal, and it is costly: it is made for who does. */
export class Loss {
  private controller: AbortController | undefined;
  private error: LockLostError | undefined;

  get hasCome(): boolean {
    return this.error !== undefined;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.error !== undefined) this.controller.abort(this.error);
    }
    return this.controller.signal;
  }

  come(error: LockLostError): void {
    this.error = error;
    this.controller?.abort(error);
  }

  throwIfCome(): void {
    if (this.error !== undefined) throw this.error;
  }
}
