export { createRateLimiter } from './create-rate-limiter.js';
export { loginPolicies, type LoginPoliciesOptions } from './login-policies.js';
export { RateLimit, SkipRateLimit } from './rate-limit.decorator.js';
export { type DecidedBy, type RateLimitDecision, type RateLimitStatus } from './rate-limit-decision.js';
export { RateLimitExceededException, type RateLimitProblem, RateLimitTimeoutError } from './rate-limit.errors.js';
export { type RateLimitEvents } from './rate-limit.events.js';
export { RateLimitExplorer } from './rate-limit.explorer.js';
export { RateLimitGuard, REQUEST_LIMITS } from './rate-limit.guard.js';
export {
  type Identify,
  type RateLimitOptions,
  resolveRateLimitOptions,
  type ResolvedRateLimitOptions,
} from './rate-limit.options.js';
export {
  type RateLimitAlgorithm,
  type RateLimitCharge,
  type RateLimitPolicy,
  type WhenUnavailable,
} from './rate-limit-policy.js';
export { RateLimitService } from './rate-limit.service.js';
export { RequestLimits } from './request-limits.js';
export { type OfRequest, type RouteRateLimit } from './route-policy.js';

// What limits in memory are made of; see testing/.
export { DeniedCallers } from './denied-callers.js';
export { MemoryLimits } from './memory-limits.js';
export { RateLimitKeys } from './rate-limit-keys.js';
export { RateLimiter } from './rate-limiter.js';
