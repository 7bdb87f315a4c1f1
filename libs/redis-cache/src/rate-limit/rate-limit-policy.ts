import {
  type Duration,
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireInteger,
  requireObject,
  requireOneOf,
  toMs,
} from '../core/common/index.js';

export const ALGORITHMS = ['sliding-window', 'fixed-window', 'gcra', 'concurrency'] as const;

/**
 * - `sliding-window`: at most `limit` in every window, wherever it begins. Up to a limit of 100 each request is remembered; above
 *   it the window is counted in at most 60 parts, and a part counts until its last moment has passed.
 * - `fixed-window`: at most `limit` in windows that begin with their first request; around the end of one up to twice as many.
 * - `gcra`: `burst` at once, then `limit` per window, evenly: at most `burst + limit` in any window.
 * - `concurrency`: at most `limit` at the same time.
 */
export type RateLimitAlgorithm = (typeof ALGORITHMS)[number];

/**
 * What decides while Redis is away: this process alone (`'local'`: each process counts for itself), or nobody: all are
 * let in (`'allow'`) or refused (`'deny'`).
 */
export const WHEN_UNAVAILABLE = ['local', 'allow', 'deny'] as const;
export type WhenUnavailable = (typeof WHEN_UNAVAILABLE)[number];

/** A limit. The counts belong to its name, algorithm and window. */
export interface RateLimitPolicy {
  /** Stands in keys and headers: letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** How many units are let in per window; for `concurrency`, at the same time. 0 lets nobody in. */
  readonly limit: number;
  /** A number is milliseconds. For `concurrency`: after which time the slot of a process that has died is free again. */
  readonly window: Duration;
  /** @default 'sliding-window' */
  readonly algorithm?: RateLimitAlgorithm;
  /** For `gcra`: how many units at once. @default limit */
  readonly burst?: number;
  /** @default rateLimit.onUnavailable */
  readonly onUnavailable?: WhenUnavailable;
}

/** What is to be counted. */
export interface RateLimitCharge {
  readonly policy: RateLimitPolicy;
  /** Whom it counts for: any text, such as the id of a user. Only its digest is sent to Redis, unless `readableKeys` is set. */
  readonly subject: string;
  /** Units it takes; 0 counts nothing and asks. @default 1 */
  readonly cost?: number;
}

/** What a limit's state is kept as. */
export type LimitKind = 'log' | 'slide' | 'fixed' | 'gcra' | 'slots';

export interface ResolvedPolicy {
  readonly name: string;
  /** Policies for which this is the same share what they count. */
  readonly count: string;
  readonly kind: LimitKind;
  readonly limit: number;
  readonly windowMs: number;
  readonly burst: number;
  readonly onUnavailable: WhenUnavailable | undefined;
}

export const POLICY_OPTIONS = ['name', 'limit', 'window', 'algorithm', 'burst', 'onUnavailable'];

/** Up to here each request of a sliding window is remembered by itself. */
const LONGEST_LOG = 100;
const HIGHEST_LIMIT = 1_000_000_000;
/** A timer of Node that is set to more than this fires at once; and no limit needs a longer memory. */
const LONGEST_WINDOW_MS = 366 * 24 * 3_600_000;

/** @throws InvalidOptionError */
export function resolvePolicy(option: string, options: unknown): ResolvedPolicy {
  const given = requireObject(option, options);
  const name = requirePolicyName(`${option}.name`, given.name);
  const path = `${option}(${name})`;
  refuseUnknownKeys(path, given, { known: POLICY_OPTIONS });
  const limit = requireInteger(`${path}.limit`, given.limit, { min: 0, max: HIGHEST_LIMIT });
  const windowMs = toMs(`${path}.window`, given.window, { min: 1, max: LONGEST_WINDOW_MS });
  const algorithm = requireAlgorithm(`${path}.algorithm`, given.algorithm);
  const kind = kindOf(algorithm, limit);
  return {
    name,
    count: `${name}:${kind}:${windowMs}`,
    kind,
    limit,
    windowMs,
    burst: algorithm === 'gcra' ? requireBurst(path, given, { limit, windowMs }) : refuseBurst(path, given.burst),
    onUnavailable: requireWhenUnavailable(`${path}.onUnavailable`, given.onUnavailable),
  };
}

export function requirePolicyName(option: string, given: unknown): string {
  if (typeof given === 'string' && /^[\w.-]{1,100}$/.test(given)) return given;
  return refuse(option, 'a name of letters, digits, "_", "-" and "."', given);
}

export function requireAlgorithm(option: string, given: unknown): RateLimitAlgorithm {
  return given === undefined ? 'sliding-window' : requireOneOf(option, given, ALGORITHMS);
}

export function requireWhenUnavailable(option: string, given: unknown): WhenUnavailable | undefined {
  return given === undefined ? undefined : requireOneOf(option, given, WHEN_UNAVAILABLE);
}

function kindOf(algorithm: RateLimitAlgorithm, limit: number): LimitKind {
  switch (algorithm) {
    case 'fixed-window':
      return 'fixed';
    case 'gcra':
      return 'gcra';
    case 'concurrency':
      return 'slots';
    case 'sliding-window':
      return limit <= LONGEST_LOG ? 'log' : 'slide';
  }
}

/** Levels are counted in units of a window's height: they have to stay whole numbers. A limit of 0 lets nobody in. */
function requireBurst(
  path: string,
  { burst }: Record<string, unknown>,
  { limit, windowMs }: Pick<ResolvedPolicy, 'limit' | 'windowMs'>,
): number {
  const max = Math.min(HIGHEST_LIMIT, Math.floor(Number.MAX_SAFE_INTEGER / 4 / windowMs));
  const given = requireInteger(`${path}.burst`, burst ?? limit, { min: 0, max });
  return limit === 0 ? 0 : given;
}

function refuseBurst(path: string, given: unknown): number {
  if (given === undefined) return 0;
  throw new InvalidOptionError(`${path}.burst`, "belongs to algorithm: 'gcra'. Remove it, or choose that algorithm.");
}
