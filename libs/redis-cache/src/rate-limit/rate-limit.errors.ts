import { HttpException, HttpStatus } from '@nestjs/common';
import { RedisCacheError } from '../core/common/index.js';
import type { RateLimitDecision } from './rate-limit-decision.js';

/** The problem type that is registered for it. */
export const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** What the body of an answer 429 holds (RFC 9457), as `application/problem+json`. */
export interface RateLimitProblem {
  readonly type: typeof QUOTA_EXCEEDED;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Names of the policies that refuse. */
  readonly 'violated-policies': readonly string[];
}

/** Thrown by `RateLimitGuard`: the caller has used up a limit. Nest answers 429. */
export class RateLimitExceededException extends HttpException {
  constructor(readonly decision: RateLimitDecision) {
    super(problemOf(decision), HttpStatus.TOO_MANY_REQUESTS);
  }
}

/** Redis did not decide within `rateLimit.timeout`. Seen as the `error` of the event `rate-limit:unavailable` only. */
export class RateLimitTimeoutError extends RedisCacheError {
  readonly code = 'RATE_LIMIT_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`Redis did not decide on a rate limit within ${timeoutMs} ms (rateLimit.timeout): onUnavailable did.`);
  }
}

function problemOf({ violated, retryAfterMs }: RateLimitDecision): RateLimitProblem {
  return {
    type: QUOTA_EXCEEDED,
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: HttpStatus.TOO_MANY_REQUESTS,
    detail: `Too many requests. Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`,
    'violated-policies': violated,
  };
}
