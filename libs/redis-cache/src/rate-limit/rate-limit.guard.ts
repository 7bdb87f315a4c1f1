import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { RequestLimits } from './request-limits.js';

/** What guards share; for `RedisCacheModule` and the fakes. */
export const REQUEST_LIMITS = Symbol.for('nestjs-redis-cache:request-limits');

/**
 * Keeps the limits of `@RateLimit` and of `rateLimit.policies`. For all routes as `APP_GUARD`, or per route; a request that
 * passes two of them is counted once.
 *
 * @example providers: [{ provide: APP_GUARD, useClass: RateLimitGuard }]
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(@Inject(REQUEST_LIMITS) private readonly limits: RequestLimits) {}

  /** @throws RateLimitExceededException */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.limits.admit(context);
    return true;
  }
}
