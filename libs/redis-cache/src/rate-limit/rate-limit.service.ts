import { Injectable } from '@nestjs/common';
import type { RateLimitDecision } from './rate-limit-decision.js';
import type { RateLimitCharge } from './rate-limit-policy.js';
import type { RateLimiter } from './rate-limiter.js';

/**
 * Limits outside of HTTP routes, or with subjects of your own. For routes there are `@RateLimit` and `RateLimitGuard`.
 *
 * @example
 * const perHour = { name: 'exports', limit: 10, window: '1h' } as const;
 * const decision = await limits.consume({ policy: perHour, subject: user.id });
 * if (!decision.isAllowed) return `Again in ${Math.ceil(decision.retryAfterMs / 1_000)} s`;
 */
@Injectable()
export class RateLimitService {
  /** @internal */
  constructor(
    /** @internal */
    readonly limiter: RateLimiter,
  ) {}

  /**
   * Counts for all charges, or, when one of their limits is used up, for none. It never throws because Redis is away: then
   * `onUnavailable` decides.
   *
   * @throws InvalidOptionError, InvalidKeyError
   */
  async consume(charges: RateLimitCharge | readonly RateLimitCharge[]): Promise<RateLimitDecision> {
    return this.limiter.consume(this.limiter.charge(charges));
  }

  /**
   * What `consume` would decide now. Counts nothing.
   *
   * @throws InvalidOptionError, InvalidKeyError
   */
  async peek(charges: RateLimitCharge | readonly RateLimitCharge[]): Promise<RateLimitDecision> {
    return this.limiter.peek(this.limiter.charge(charges));
  }

  /**
   * Takes back what `consume` has counted, within ten minutes; a second time nothing happens. Also frees the slots of
   * `concurrency`.
   *
   * @param decision the object that `consume` returned
   * @throws RedisUnavailableError, CommandTimeoutError, RedisReplyError: it counts until its window has passed
   */
  refund(decision: RateLimitDecision): Promise<void> {
    return this.limiter.refund(decision);
  }

  /**
   * Forgets what was counted. Other processes may go on refusing for a second.
   *
   * @throws InvalidOptionError, InvalidKeyError, RedisUnavailableError, CommandTimeoutError, RedisReplyError
   */
  async reset(charges: RateLimitCharge | readonly RateLimitCharge[]): Promise<void> {
    return this.limiter.reset(this.limiter.charge(charges));
  }
}
