import type { Verdict } from './limit-store.js';

/** `redis`; `memory`: this process, because Redis did not answer, or because it has just been told no; `policy`: `'allow'` or `'deny'`. */
export type DecidedBy = 'redis' | 'memory' | 'policy';

export interface RateLimitStatus {
  /** The policy's name. */
  readonly policy: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly isConcurrency: boolean;
  /** Units left. */
  readonly remaining: number;
  /** Until this request would be let in; 0 when it is within this limit. */
  readonly retryAfterMs: number;
  /** Until one more unit is left; missing when all are. */
  readonly nextMs?: number;
}

export interface RateLimitDecision {
  readonly isAllowed: boolean;
  /** The longest of `limits`; 0 when the request was let in. */
  readonly retryAfterMs: number;
  /** Of each policy that was asked. A caller who is refused without asking Redis learns only of those that are violated. */
  readonly limits: readonly RateLimitStatus[];
  /** Names of the policies that refuse. */
  readonly violated: readonly string[];
  readonly decidedBy: DecidedBy;
}

export function decisionFrom(verdicts: readonly Verdict[], decidedBy: DecidedBy): RateLimitDecision {
  const limits = verdicts.map(statusOf);
  const violated = limits.filter(({ retryAfterMs }) => retryAfterMs > 0);
  return {
    isAllowed: violated.length === 0,
    retryAfterMs: Math.max(0, ...violated.map(({ retryAfterMs }) => retryAfterMs)),
    limits,
    violated: violated.map(({ policy }) => policy),
    decidedBy,
  };
}

function statusOf({ charge: { policy }, remaining, waitMs, nextMs }: Verdict): RateLimitStatus {
  return {
    policy: policy.name,
    limit: policy.limit,
    windowMs: policy.windowMs,
    isConcurrency: policy.kind === 'slots',
    remaining,
    retryAfterMs: waitMs,
    ...(nextMs > 0 ? { nextMs } : {}),
  };
}
