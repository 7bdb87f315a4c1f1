import { type Duration, InvalidOptionError, toMs } from '../core/common/index.js';
import { assertKey, Pattern } from '../core/keys/index.js';
import { type Coverage, EVERYTHING } from './coverage.js';
import { requireTagNames } from './tags.js';

/** What an invalidation covers, in one namespace. */
export interface InvalidationTarget {
  readonly keys?: readonly string[];
  /** Globs: `product:*`. The text before the first wildcard is what an invalidation costs. */
  readonly patterns?: readonly string[];
  readonly tags?: readonly string[];
}

export interface InvalidationOptions {
  /**
   * For how long the source may still give what was, such as a replica that lags behind: what is loaded within this
   * time is returned and not stored. At most a minute; by key and tag only. @default 0
   */
  readonly settle?: Duration;
  /**
   * Looks also for keys that this library did not write: SCAN goes over all keys of the database. @default false
   */
  readonly scan?: boolean;
}

export interface InvalidationResult {
  /** How many entries there were. */
  readonly removed: number;
  /** Redis has carried it out: no read that starts from now on returns a value whose load began before. */
  readonly delivered: boolean;
  /** Inside a unit of work: it will be carried out when the unit settles. */
  readonly deferred?: true;
}

/** An invalidation of which everything was checked. */
export interface InvalidationPlan {
  readonly keys: readonly string[];
  readonly patterns: readonly Pattern[];
  readonly tags: readonly string[];
  readonly settleMs: number;
  readonly scan: boolean;
}

const LONGEST_SETTLE_MS = 60_000;

/** @throws InvalidOptionError */
export function requireSettle(option: string, given: unknown): number {
  return toMs(option, given, { min: 0, max: LONGEST_SETTLE_MS });
}

/** @throws InvalidOptionError, InvalidPatternError, InvalidKeyError */
export function planInvalidation(
  { keys = [], patterns = [], tags = [], ...rest }: InvalidationTarget,
  { settle = 0, scan = false }: InvalidationOptions,
  { name, hasIndex }: { readonly name: string; readonly hasIndex: boolean },
): InvalidationPlan {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new InvalidOptionError(`invalidate: ${unknown}`, 'there is no such target. Accepted: keys, patterns, tags.');
  if (!hasIndex && patterns.length + tags.length > 0) {
    throw new InvalidOptionError(
      `invalidate: ${patterns.length > 0 ? 'patterns' : 'tags'}`,
      `the cache namespace "${name}" has no index (index: false), so entries are found by their keys only.`,
    );
  }
  const settleMs = requireSettle('settle', settle);
  if (settleMs > 0 && patterns.length > 0)
    throw new InvalidOptionError('settle', 'works by key and tag, not by pattern. Give the entries a tag.');
  if (scan && patterns.length === 0)
    throw new InvalidOptionError('scan', 'goes with patterns: keys and tags are found without.');
  keys.forEach(assertKey);
  return {
    keys,
    patterns: patterns.map((pattern) => Pattern.parse(pattern)),
    tags: requireTagNames('invalidate: tags', tags),
    settleMs,
    scan,
  };
}

/** What a plan may concern. */
export function coverageOf(plan: InvalidationPlan | 'all'): Coverage {
  if (plan === 'all') return EVERYTHING;
  const { keys, patterns, tags } = plan;
  const [names, labels] = [new Set(keys), new Set(tags)];
  const covers = (key: string, its: readonly string[] | undefined): boolean =>
    names.has(key) ||
    patterns.some((pattern) => pattern.matches(key)) ||
    (labels.size > 0 && (its === undefined || its.some((tag) => labels.has(tag))));
  return { covers, ...(patterns.length + tags.length === 0 ? { keys } : {}) };
}

/** A plan, as it was asked for. */
export function targetOf({ keys, patterns, tags }: InvalidationPlan): InvalidationTarget {
  return { keys, patterns: patterns.map(({ source }) => source), tags };
}
