import { requirePolicyName } from './rate-limit-policy.js';
import { requireRouteRateLimit, type RouteRateLimit } from './route-policy.js';

type Decorator = ClassDecorator & MethodDecorator;
type Written = RouteRateLimit & { readonly name: string };

const POLICIES = Symbol.for('nestjs-redis-cache:rate-limits');
const SKIPPED = Symbol.for('nestjs-redis-cache:skipped-rate-limits');

/**
 * Limits a route, or each route of a controller, that a `RateLimitGuard` stands before. Policies of the module, the class and
 * the method are merged by name, the nearest first.
 *
 * @example
 * @Get()
 * @RateLimit({ name: 'search', limit: 30, window: '1m' })
 * search() { … }
 * @throws InvalidOptionError when the class is defined
 */
export function RateLimit(...policies: readonly RouteRateLimit[]): Decorator {
  const written = policies.map((policy) => requireRouteRateLimit('@RateLimit', policy));
  return noted(POLICIES, written);
}

/**
 * Takes policies away again: those of the module and the class from a controller, or all of these names from a route.
 *
 * @param names @default all
 */
export function SkipRateLimit(...names: readonly string[]): Decorator {
  return noted(SKIPPED, names.length === 0 ? [ALL] : names.map((name) => requirePolicyName('@SkipRateLimit', name)));
}

/** No name of a policy. */
export const ALL = '*';

export function rateLimitsOf(target: object): readonly Written[] {
  return (Reflect.getMetadata(POLICIES, target) as readonly Written[] | undefined) ?? [];
}

export function skippedRateLimitsOf(target: object): readonly string[] {
  return (Reflect.getMetadata(SKIPPED, target) as readonly string[] | undefined) ?? [];
}

function noted(key: symbol, values: readonly unknown[]): Decorator {
  return (target: object, _property?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place = (descriptor?.value as object | undefined) ?? target;
    const earlier = (Reflect.getOwnMetadata(key, place) as readonly unknown[] | undefined) ?? [];
    Reflect.defineMetadata(key, [...earlier, ...values], place);
  };
}
