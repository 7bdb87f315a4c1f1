import type { ResolvedPolicy } from './rate-limit-policy.js';

/** A limit, for one subject and one request. */
export interface Charge {
  readonly policy: ResolvedPolicy;
  readonly cost: number;
  /** Where its state is kept. */
  readonly key: string;
  /** Charges of one bucket are decided in one step. */
  readonly bucket: string;
  /** Among the charges of its request. */
  readonly place: number;
}

export interface LimitRequest {
  /** What tells this request from others ({@link LimitStore.nextId}): sent twice with the same, it counts once. */
  readonly id: string;
  readonly mode: 'consume' | 'peek';
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
  /** For the request that is to be decided next. */
  nextId(): string;
  /** Counts for all charges or for none. */
  decide(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]>;
  /** @param options `mayArrive`: the request may still come; then it does not count any more. @default false */
  refund(charges: readonly Charge[], id: string, options?: { readonly mayArrive?: boolean }): Promise<void>;
  /** Keeps the slots of a request that goes on. */
  renew(charges: readonly Charge[], id: string): Promise<void>;
  reset(charges: readonly Charge[]): Promise<void>;
}

export function isWithin(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ waitMs }) => waitMs === 0);
}
