import type { DecidedBy } from './rate-limit-decision.js';

/** What limits tell. No event holds a subject: it may be an address or a name. */
export interface RateLimitEvents {
  /** A request was refused. */
  'rate-limit:refused': { readonly policies: readonly string[]; readonly decidedBy: DecidedBy };
  /** Redis did not decide in time: `onUnavailable` did. */
  'rate-limit:unavailable': { readonly policies: readonly string[]; readonly error: unknown };
  /** What was counted for a request could not be taken back: it counts until its window has passed. */
  'rate-limit:refund-failed': { readonly policies: readonly string[]; readonly error: unknown };
  /** Something an operator should know; logged once. */
  'rate-limit:warning': { readonly message: string };
}
