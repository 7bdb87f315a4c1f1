import type { ResolvedPolicy } from './rate-limit-policy.js';

/** A limit, for one subject and one request. */
export interface Charge {
  readonly policy: ResolvedPolicy;
  readonly cost: number;
  /** Where its state is kept. */
  readonly key: string;
  /** Charges of one bucket are decided in one step. */
  readonly bucket: string;
}

export interface LimitRequest {
  /** What tells this request from others: sent twice with the same, it counts once. */
  readonly id: string;
  readonly mode: 'consume' | 'peek';
  /** For how long it may be refunded. */
  readonly refundableMs: number;
}

export interface Verdict {
  readonly charge: Charge;
  /** Units left after this request. */
  readonly remaining: number;
  /** Until this request would be let in; 0 when it is. */
  readonly waitMs: number;
  /** Until one more unit is left; 0 when all are. */
  readonly nextMs: number;
}

/** Where limits are counted: in Redis, or in the memory of this process. */
export interface LimitStore {
  /** Counts for all charges or for none. */
  decide(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]>;
  /** @param options `lateMs`: for how long the request may still arrive; then it does not count any more. @default 0 */
  refund(charges: readonly Charge[], id: string, options?: { readonly lateMs?: number }): Promise<void>;
  /** Keeps the slots of a request that goes on. */
  renew(charges: readonly Charge[], id: string): Promise<void>;
  reset(charges: readonly Charge[]): Promise<void>;
}

export function isWithin(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ waitMs }) => waitMs === 0);
}
