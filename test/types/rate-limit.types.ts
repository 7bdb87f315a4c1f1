/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import type { ExecutionContext } from '@nestjs/common';
import {
  loginPolicies,
  RateLimit,
  type RateLimitDecision,
  RateLimitExceededException,
  RateLimitGuard,
  type RateLimitOptions,
  type RateLimitPolicy,
  type RateLimitService,
  SkipRateLimit,
} from 'nestjs-redis-cache';
import { FakeRateLimitService, provideFakeRateLimits, provideFakeRedisCache } from 'nestjs-redis-cache/testing';

declare const limits: RateLimitService;
declare const decision: RateLimitDecision;
declare function policy(given: RateLimitPolicy): void;
declare function options(given: RateLimitOptions): void;
declare function planOf(context: ExecutionContext): Promise<{ readonly perHour: number }>;

// On classes and methods; a part may come from the policy of the same name on the class or in the module.
@RateLimit({ limit: 100, window: '15m' }, { name: 'burst', limit: 5, window: 1_000 })
@SkipRateLimit('default')
export class Limited {
  @RateLimit({ name: 'plan', limit: async (context) => (await planOf(context)).perHour, window: () => '1h' })
  @RateLimit({ name: 'user', limit: 1, window: '1m', key: 'user', cost: (context) => context.getArgs().length })
  @RateLimit({ name: 'own', limit: 1, window: '1m', key: () => undefined, skip: () => Promise.resolve(true) })
  @RateLimit({ name: 'even', limit: 10, burst: 2, window: '1m', algorithm: 'gcra', onUnavailable: 'deny' })
  @RateLimit({ name: 'failed', limit: 3, window: '15m', countOnly: 'failed' }, ...loginPolicies({ perPair: 5 }))
  @SkipRateLimit()
  right(): void {}

  @RateLimit({ name: 'burst', limit: 2 })
  @SkipRateLimit('burst', 'plan')
  partly(): void {}

  // @ts-expect-error -- a window has a unit of ours
  @RateLimit({ limit: 1, window: '1min.' })
  wrongWindow(): void {}

  // @ts-expect-error -- a limit is a number, or what makes one of the request
  @RateLimit({ limit: '5', window: '1m' })
  wrongLimit(): void {}

  // @ts-expect-error -- nor may a function make something else
  @RateLimit({ limit: () => '5', window: '1m' })
  wrongLimitOfRequest(): void {}

  // @ts-expect-error -- no algorithm of this name
  @RateLimit({ limit: 1, window: '1m', algorithm: 'token-bucket' })
  wrongAlgorithm(): void {}

  // @ts-expect-error -- no such caller
  @RateLimit({ limit: 1, window: '1m', key: 'cookie' })
  wrongKey(): void {}

  // @ts-expect-error -- not how a request can end
  @RateLimit({ limit: 1, window: '1m', countOnly: 'errors' })
  wrongOutcome(): void {}

  // @ts-expect-error -- nobody else decides
  @RateLimit({ limit: 1, window: '1m', onUnavailable: 'throw' })
  wrongWay(): void {}

  // @ts-expect-error -- unknown option
  @RateLimit({ limit: 1, window: '1m', max: 5 })
  unknownOption(): void {}

  // @ts-expect-error -- a policy, not its parts
  @RateLimit(5, '1m')
  noPolicy(): void {}

  // @ts-expect-error -- names, not policies
  @SkipRateLimit({ name: 'burst' })
  noName(): void {}
}

// The module.
options({ policies: [{ limit: 100, window: '15m' }], connection: 'durable', timeout: 50, onUnavailable: 'local' });
options({ identify: (context) => context.getClass().name, readableKeys: true, legacyHeaders: true });
// @ts-expect-error -- a list
options({ policies: { limit: 100, window: '15m' } });
// @ts-expect-error -- a duration has a unit of ours
options({ timeout: '50 millis' });
// @ts-expect-error -- a user is a text
options({ identify: () => 5 });
// @ts-expect-error -- unknown option
options({ limit: 100 });

// The service.
policy({ name: 'exports', limit: 10, window: '1h' });
// @ts-expect-error -- without a route nothing gives a name
policy({ limit: 10, window: '1h' });
// @ts-expect-error -- without a route nothing gives a window
policy({ name: 'exports', limit: 10 });
// @ts-expect-error -- without a request nothing makes a limit
policy({ name: 'exports', limit: () => 10, window: '1h' });
// @ts-expect-error -- a charge has a subject
void limits.consume({ policy: { name: 'exports', limit: 10, window: '1h' } });
// @ts-expect-error -- what was decided, not what was charged
void limits.refund({ policy: { name: 'exports', limit: 10, window: '1h' }, subject: 's' });
void limits.refund(decision).then(() => limits.peek([]));
// @ts-expect-error -- a decision is not changed
decision.isAllowed = true;
// @ts-expect-error -- only what came of a request
new RateLimitExceededException('too many');
// @ts-expect-error -- Nest makes the guard, with what the application shares
new RateLimitGuard();

// Tests.
FakeRateLimitService.create().advance('1m');
[...provideFakeRedisCache(), ...provideFakeRateLimits({ policies: [{ limit: 1, window: '1m' }] })].forEach(String);
// @ts-expect-error -- unknown option
provideFakeRateLimits({ limit: 1 });
// @ts-expect-error -- a duration has a unit of ours
FakeRateLimitService.create().advance('soon');
