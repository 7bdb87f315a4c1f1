import type { Charge, LimitStore, Verdict } from './limit-store.js';

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

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What a refund takes back. */
export interface Counted {
  readonly charges: readonly Charge[];
  readonly id: string;
  readonly store: LimitStore;
}

/** Remembers by itself what was counted: a `WeakMap` of all decisions costs more than the rest of a call. */
class Decision implements RateLimitDecision {
  readonly isAllowed: boolean;
  readonly retryAfterMs: number;
  readonly limits: readonly RateLimitStatus[];
  readonly violated: readonly string[];
  readonly decidedBy: DecidedBy;
  readonly #counted: Counted | undefined;

  constructor(verdicts: readonly Verdict[], decidedBy: DecidedBy, counted: Counted | undefined) {
    const violated: string[] = [];
    let retryAfterMs = 0;
    for (const { charge, waitMs } of verdicts) {
      if (waitMs === 0) continue;
      violated.push(charge.policy.name);
      if (waitMs > retryAfterMs) retryAfterMs = waitMs;
    }
    this.isAllowed = violated.length === 0;
    this.retryAfterMs = retryAfterMs;
    this.limits = verdicts.map(statusOf);
    this.violated = violated;
    this.decidedBy = decidedBy;
    this.#counted = this.isAllowed ? counted : undefined;
  }

  static countedBy(decision: RateLimitDecision): Counted | undefined {
    return #counted in decision ? decision.#counted : undefined;
  }
}

/** @param counted what is counted if the verdicts let the request in */
export function decisionFrom(verdicts: readonly Verdict[], decidedBy: DecidedBy, counted?: Counted): RateLimitDecision {
  return new Decision(verdicts, decidedBy, counted);
}

/** Nothing for a request that was refused. */
export function countedBy(decision: RateLimitDecision): Counted | undefined {
  return Decision.countedBy(decision);
}

function statusOf({ charge: { policy }, remaining, waitMs, nextMs }: Verdict): RateLimitStatus {
  const { name, limit, windowMs, kind } = policy;
  const isConcurrency = kind === 'slots';
  const status: Writable<RateLimitStatus> = {
    policy: name,
    limit,
    windowMs,
    isConcurrency,
    remaining,
    retryAfterMs: waitMs,
  };
  if (nextMs > 0) status.nextMs = nextMs;
  return status;
}
