import type { ExecutionContext } from '@nestjs/common';
import {
  type Duration,
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireBoolean,
  requireObject,
  requireString,
  toMs,
} from '../core/common/index.js';
import { DEFAULT_CONNECTION } from '../core/connection/index.js';
import { requireWhenUnavailable, type WhenUnavailable } from './rate-limit-policy.js';
import { requireComplete, requireRouteRateLimit, type RoutePolicy, type RouteRateLimit } from './route-policy.js';

/** Who a request comes from, where neither `request.user` nor `request.session` tells. */
export type Identify = (context: ExecutionContext) => string | undefined | Promise<string | undefined>;

export interface RateLimitOptions {
  /** The connection that counts. Its server should evict nothing (`noeviction`). @default 'default' */
  readonly connection?: string;
  /**
   * Limits of all routes that the guard stands before, beside those of `@RateLimit`. @default none
   * @example policies: [{ limit: 100, window: '15m' }]
   */
  readonly policies?: readonly RouteRateLimit[];
  /**
   * The user of a request, for `key: 'user'`: a guard for the whole application runs before the one that sets `request.user`.
   * @default request.user.id or request.user.sub
   */
  readonly identify?: Identify;
  /** What decides while Redis is away: `'local'`, each process for itself. @default 'local' */
  readonly onUnavailable?: WhenUnavailable;
  /** After which time without an answer Redis counts as away. @default '50ms' */
  readonly timeout?: Duration;
  /** Whether addresses and names stand in the keys as they are, in place of a digest. @default false */
  readonly readableKeys?: boolean;
  /** Also sends `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds), of the policy with the least left. @default false */
  readonly legacyHeaders?: boolean;
}

export interface ResolvedRateLimitOptions {
  readonly connection: string;
  readonly policies: readonly RoutePolicy[];
  readonly identify: Identify | undefined;
  readonly onUnavailable: WhenUnavailable;
  readonly timeoutMs: number;
  readonly readableKeys: boolean;
  readonly legacyHeaders: boolean;
}

const KNOWN = ['connection', 'policies', 'identify', 'onUnavailable', 'timeout', 'readableKeys', 'legacyHeaders'];
/** A timer of Node that is set to more than this fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws InvalidOptionError */
export function resolveRateLimitOptions(option: string, options: unknown): ResolvedRateLimitOptions {
  const given = requireObject(option, options === undefined ? {} : options);
  refuseUnknownKeys(option, given, { known: KNOWN });
  const { connection, policies = [], identify, onUnavailable, timeout, readableKeys, legacyHeaders } = given;
  if (identify !== undefined && typeof identify !== 'function') refuse(`${option}.identify`, 'a function', identify);
  return {
    connection: connection === undefined ? DEFAULT_CONNECTION : requireString(`${option}.connection`, connection),
    policies: requirePolicies(`${option}.policies`, policies),
    identify: identify as Identify | undefined,
    onUnavailable: requireWhenUnavailable(`${option}.onUnavailable`, onUnavailable) ?? 'local',
    timeoutMs: toMs(`${option}.timeout`, timeout === undefined ? '50ms' : timeout, { max: LONGEST_TIMER_MS }),
    readableKeys: readableKeys === undefined ? false : requireBoolean(`${option}.readableKeys`, readableKeys),
    legacyHeaders: legacyHeaders === undefined ? false : requireBoolean(`${option}.legacyHeaders`, legacyHeaders),
  };
}

function requirePolicies(option: string, given: unknown): readonly RoutePolicy[] {
  if (!Array.isArray(given)) return refuse(option, "an array such as [{ limit: 100, window: '15m' }]", given);
  const policies = given.map((policy: unknown) =>
    requireComplete(option, { ...requireRouteRateLimit(option, policy), scope: '' }),
  );
  const names = policies.map(({ name }) => name);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin === undefined) return policies;
  throw new InvalidOptionError(option, `holds two policies named "${twin}". Give each a name of its own.`);
}
