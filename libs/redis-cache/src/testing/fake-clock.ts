import { type Duration, toMs } from '../core/common/index.js';

/** A clock that stands still until it is told to go on. */
export class FakeClock {
  private ms = Date.now();

  now(): number {
    return this.ms;
  }

  /** @throws InvalidOptionError */
  advance(duration: Duration): void {
    this.ms += toMs('advance', duration, { min: 0 });
  }
}
