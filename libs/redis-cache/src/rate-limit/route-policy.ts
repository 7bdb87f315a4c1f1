import type { ExecutionContext } from '@nestjs/common';
import { type Duration, refuse, refuseUnknownKeys, requireObject, requireOneOf } from '../core/common/index.js';
import {
  POLICY_OPTIONS,
  type RateLimitAlgorithm,
  requireAlgorithm,
  requirePolicyName,
  requireWhenUnavailable,
  resolvePolicy,
  type WhenUnavailable,
} from './rate-limit-policy.js';

/** A value, or what makes it of the request. It runs before pipes: the body is as it came. */
export type OfRequest<T> = T | ((context: ExecutionContext) => T | Promise<T>);

const CALLERS = ['ip', 'user', 'session'] as const;
const OUTCOMES = ['failed', 'successful'] as const;

/**
 * A limit of routes: in `@RateLimit`, or for all routes in `rateLimit.policies`. Where it is written says what shares a count:
 * on a method the route, on a class its routes together, in the module all routes.
 */
export interface RouteRateLimit {
  /** A policy of the same name on the class or in the module gives what is missing here. @default 'default' */
  readonly name?: string;
  readonly limit?: OfRequest<number>;
  /** A number is milliseconds. For `concurrency`: after which time the slot of a process that has died is free again. */
  readonly window?: OfRequest<Duration>;
  /** @default 'sliding-window' */
  readonly algorithm?: RateLimitAlgorithm;
  /** For `gcra`: how many units at once. @default limit */
  readonly burst?: number;
  /**
   * Whom it counts for. `'user'`: `rateLimit.identify(context)`, else `request.user.id` or `.sub`; `'session'`: the id of
   * `request.session`; where these are missing, the user and the id of this module's own session. Who has none is counted
   * by address. A function may return `undefined`: not counted.
   * @default 'ip'
   */
  readonly key?: (typeof CALLERS)[number] | ((context: ExecutionContext) => MaybeText | Promise<MaybeText>);
  /** Units that a request takes. @default 1 */
  readonly cost?: OfRequest<number>;
  /** Requests for which it holds are not counted. */
  readonly skip?: (context: ExecutionContext) => boolean | Promise<boolean>;
  /** Requests that end otherwise are given back after the answer; failed are those with a status from 400. @default all */
  readonly countOnly?: (typeof OUTCOMES)[number];
  /** @default rateLimit.onUnavailable */
  readonly onUnavailable?: WhenUnavailable;
}

type MaybeText = string | undefined;

/** A policy of a route, complete. */
export interface RoutePolicy extends RouteRateLimit {
  readonly name: string;
  readonly limit: OfRequest<number>;
  readonly window: OfRequest<Duration>;
  /** What shares its count. */
  readonly scope: string;
}

export const DEFAULT_POLICY = 'default';

const ROUTE_OPTIONS = [...POLICY_OPTIONS, 'key', 'cost', 'skip', 'countOnly'];

/** Checks what was written, which need not be complete. @throws InvalidOptionError */
export function requireRouteRateLimit(option: string, given: unknown): RouteRateLimit & { readonly name: string } {
  const policy = requireObject(option, given);
  const name = requirePolicyName(`${option}.name`, policy.name === undefined ? DEFAULT_POLICY : policy.name);
  const path = `${option}(${name})`;
  refuseUnknownKeys(path, policy, { known: ROUTE_OPTIONS });
  const { limit, window, algorithm, burst, key, cost, skip, countOnly, onUnavailable } = policy;
  requireAlgorithm(`${path}.algorithm`, algorithm);
  requireWhenUnavailable(`${path}.onUnavailable`, onUnavailable);
  requirePolicyParts(option, { name, limit, window, algorithm, burst });
  if (key !== undefined && typeof key !== 'function') requireOneOf(`${path}.key`, key, CALLERS);
  if (cost !== undefined && typeof cost !== 'function') requireCost(`${path}.cost`, cost);
  if (skip !== undefined && typeof skip !== 'function') refuse(`${path}.skip`, 'a function', skip);
  if (countOnly !== undefined) requireOneOf(`${path}.countOnly`, countOnly, OUTCOMES);
  return { ...policy, name };
}

/** @throws InvalidOptionError when a part is missing that no policy of the same name gives */
export function requireComplete(place: string, policy: RouteRateLimit & { name: string; scope: string }): RoutePolicy {
  const { limit, window } = policy;
  if (limit === undefined) return refuse(`${place}(${policy.name}).limit`, 'a number or a function', limit);
  if (window === undefined) return refuse(`${place}(${policy.name}).window`, "a duration such as '1m'", window);
  requirePolicyParts(place, { ...policy, algorithm: policy.algorithm ?? 'sliding-window' });
  return { ...policy, limit, window };
}

export function requireCost(option: string, given: unknown): number {
  return Number.isInteger(given) && (given as number) >= 0 && (given as number) <= 1_000_000
    ? (given as number)
    : refuse(option, 'a whole number from 0 to 1000000', given);
}

/** What is a function, or still missing, cannot be checked yet: any right value stands in for it. */
function requirePolicyParts(option: string, parts: Record<string, unknown>): void {
  const { name, limit, window, algorithm, burst } = parts;
  const known = (value: unknown, other: unknown): unknown =>
    value === undefined || typeof value === 'function' ? other : value;
  const isWithoutBurst = burst === undefined || algorithm === undefined;
  resolvePolicy(option, {
    name,
    limit: known(limit, 1),
    window: known(window, 1),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(isWithoutBurst ? {} : { burst }),
  });
}
