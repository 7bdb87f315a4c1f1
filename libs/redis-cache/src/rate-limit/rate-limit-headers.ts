import type { RateLimitDecision, RateLimitStatus } from './rate-limit-decision.js';

/** Names and values of the headers of an answer. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** What stands in `RateLimit-Policy`, whether or not it was asked. */
export interface AnnouncedPolicy extends Pick<RateLimitStatus, 'policy' | 'limit' | 'windowMs' | 'isConcurrency'> {
  /** What the request has taken stays taken, however it ends. */
  readonly isFinal: boolean;
}

/** As in draft-ietf-httpapi-ratelimit-headers-10, in whole seconds; a caller who keeps to them is never early. */
export function rateLimitHeaders(announced: readonly AnnouncedPolicy[], decision: RateLimitDecision): Headers {
  const waitMs = decision.isAllowed ? untilNextMs(announced, decision) : decision.retryAfterMs;
  const headers: Headers = [
    ['RateLimit-Policy', announced.map(policyItem).join(', ')],
    ['RateLimit', decision.limits.map(statusItem).join(', ')],
    ['Retry-After', waitMs > 0 ? String(seconds(waitMs)) : ''],
  ];
  // A list without members has no header.
  return headers.filter(([, value]) => value !== '');
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

/** How long whoever has just taken the last unit would be refused. */
function untilNextMs(announced: readonly AnnouncedPolicy[], { limits }: RateLimitDecision): number {
  const isFinal = (name: string): boolean => announced.some(({ policy, isFinal }) => isFinal && policy === name);
  const usedUp = limits.filter(({ policy, remaining }) => remaining === 0 && isFinal(policy));
  return Math.max(0, ...usedUp.map(({ nextMs = 0 }) => nextMs));
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
