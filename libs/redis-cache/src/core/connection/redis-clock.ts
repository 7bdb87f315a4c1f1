import { performance } from 'node:perf_hooks';

interface Sample {
  readonly redisMs: number;
  /** The moment on this process's monotonic clock that the sample is taken to belong to. */
  readonly takenAt: number;
  readonly errorMs: number;
}

/** How fast two clocks may part: what NTP corrects at most. */
const DRIFT = 500e-6;

/** A sample is replaced by a better one at any time, and by any one when it is this old: clocks drift. */
const SAMPLE_LIFETIME_MS = 60_000;

/**
 * What time it is in Redis. Estimated from the times that replies carry, against the monotonic clock of this process,
 * so that a wrong or changed wall clock here does not matter.
 */
export class RedisClock {
  private sample: Sample | undefined;

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** To be called before a command is sent whose reply will carry Redis's time. */
  start(): number {
    return this.monotonicMs();
  }

  /** Learns from a reply. @param startedAt what {@link start} gave before the command was sent */
  observe(redisMs: number, startedAt: number): void {
    const receivedAt = this.monotonicMs();
    const errorMs = (receivedAt - startedAt) / 2;
    const current = this.sample;
    const isBetter =
      current === undefined || errorMs <= current.errorMs || receivedAt - current.takenAt > SAMPLE_LIFETIME_MS;
    if (isBetter) this.sample = { redisMs, takenAt: startedAt + errorMs, errorMs };
  }

  /** Redis's time in milliseconds; this machine's own as long as Redis has not told one. */
  now(): number {
    if (this.sample === undefined) return Date.now();
    return this.sample.redisMs + (this.monotonicMs() - this.sample.takenAt);
  }

  /**
   * A moment on this process's monotonic clock that comes before Redis's clock shows `redisMs`, by as much as the estimate
   * may be wrong. As long as Redis has not told its time it has passed.
   */
  surelyBefore(redisMs: number): number {
    if (this.sample === undefined) return Number.NEGATIVE_INFINITY;
    const { redisMs: sampledMs, takenAt, errorMs } = this.sample;
    const away = redisMs - sampledMs;
    return takenAt + Math.min(away, away * (1 - DRIFT)) - errorMs;
  }

  /** Whether Redis's clock shows less than `redisMs` now, be the estimate as wrong as it may. */
  isSurelyBefore(redisMs: number): boolean {
    return this.monotonicMs() < this.surelyBefore(redisMs);
  }

  /** The monotonic clock has stood still: what was learnt by it is wrong. */
  forget(): void {
    this.sample = undefined;
  }

  /** By how much {@link now} may be wrong. Infinite as long as Redis has not told its time. */
  get errorMs(): number {
    return this.sample?.errorMs ?? Number.POSITIVE_INFINITY;
  }
}
