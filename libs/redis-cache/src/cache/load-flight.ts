import type { EncodedValue, StoredValue } from '../core/codec/index.js';

/** What became of a flight. */
export type Landing =
  /** Its own read has met an entry. It belongs to the starter alone: others read for themselves. */
  | { readonly kind: 'found'; readonly stored: StoredValue }
  /** The load has thrown. `stored`: the error is remembered in Redis. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly stored: boolean }
  | {
      readonly kind: 'loaded';
      readonly value: unknown;
      /** Missing when the value cannot be stored, or is `undefined`. */
      readonly encoded?: EncodedValue;
      readonly stored: boolean;
    };

/**
 * One load of one key in this process. It takes joiners until what came of it is sent to Redis. Who came before the load
 * began may have it in any case; who came later only if it was stored, because then nothing was evicted in between.
 */
export class LoadFlight {
  readonly landing: Promise<Landing>;
  private loadBeganAt = Number.NEGATIVE_INFINITY;

  /** @param fly does the work, and says when the load itself begins */
  constructor(fly: (flight: LoadFlight) => Promise<Landing>) {
    this.landing = fly(this);
    this.landing.catch(() => undefined); // whoever boarded is told; that nobody did is no reason to end the process
  }

  /** @param moment in the order of all arrivals and loads of this process, which a clock might not tell apart */
  beginLoad(moment: number): void {
    this.loadBeganAt = moment;
  }

  hasBegunAfter(moment: number): boolean {
    return this.loadBeganAt > moment;
  }
}
