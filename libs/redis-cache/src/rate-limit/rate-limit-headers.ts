import type { RateLimitDecision, RateLimitStatus } from './rate-limit-decision.js';

/** Names and values of the headers of an answer. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** What stands in `RateLimit-Policy`, whether or not it was asked. */
export type AnnouncedPolicy = Pick<RateLimitStatus, 'policy' | 'limit' | 'windowMs' | 'isConcurrency'>;

/** As in draft-ietf-httpapi-ratelimit-headers-10, in whole seconds; a caller who keeps to them is never early. */
export function rateLimitHeaders(announced: readonly AnnouncedPolicy[], decision: RateLimitDecision): Headers {
  return [
    ['RateLimit-Policy', announced.map(policyItem).join(', ')],
    ['RateLimit', decision.limits.map(statusItem).join(', ')],
    ...(decision.isAllowed ? [] : [['Retry-After', String(seconds(decision.retryAfterMs))] as const]),
  ];
}

/** Of the policy with the least left; nobody has ever defined them. */
export function legacyHeaders({ limits }: RateLimitDecision): Headers {
  const [tightest] = [...limits].sort((one, other) => one.remaining - other.remaining);
  if (tightest === undefined) return [];
  return [
    ['X-RateLimit-Limit', String(tightest.limit)],
    ['X-RateLimit-Remaining', String(tightest.remaining)],
    ['X-RateLimit-Reset', String(seconds(tightest.nextMs ?? 0))],
  ];
}

function policyItem({ policy, limit, windowMs, isConcurrency }: AnnouncedPolicy): string {
  return isConcurrency
    ? `"${policy}";q=${limit};qu="concurrent-requests"`
    : `"${policy}";q=${limit};w=${seconds(windowMs)}`;
}

function statusItem({ policy, remaining, nextMs }: RateLimitStatus): string {
  return `"${policy}";r=${remaining}${nextMs === undefined ? '' : `;t=${seconds(nextMs)}`}`;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
