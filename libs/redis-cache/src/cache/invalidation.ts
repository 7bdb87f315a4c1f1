import { type Duration, InvalidOptionError, toMs } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { Pattern } from '../core/keys/index.js';
import { type CacheEntries, newEpoch } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { forgetLoads, invalidateTags } from './cache.scripts.js';
import { keysThatBeginWith, keysWithTag, type IndexWalk } from './index-walk.js';
import type { NamespaceKeys } from './namespace-keys.js';
import type { NamespaceScan } from './namespace-scan.js';
import { requireTags } from './tags.js';

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
}

/** Which keys an invalidation may concern. What a tag concerns is not known before the values are: all of them. */
export function coverageOf({ keys = [], patterns = [], tags = [] }: InvalidationTarget): (key: string) => boolean {
  if (tags.length > 0) return () => true;
  const names = new Set(keys);
  const globs = patterns.map((pattern) => Pattern.parse(pattern));
  return (key) => names.has(key) || globs.some((glob) => glob.matches(key));
}

const LONGEST_SETTLE_MS = 60_000;

/** @throws InvalidOptionError */
export function settleMsOf({ settle = 0 }: InvalidationOptions): number {
  return toMs('settle', settle, { min: 0, max: LONGEST_SETTLE_MS });
}

/** Carries out invalidations in one namespace. */
export class Invalidation {
  constructor(
    private readonly parts: {
      readonly namespace: string;
      readonly connection: RedisConnection;
      readonly keys: NamespaceKeys;
      readonly entries: CacheEntries;
      /** Missing in a namespace without an index. */
      readonly walk: IndexWalk | undefined;
      readonly scan: NamespaceScan;
      readonly events: EventBus<CacheEvents>;
    },
  ) {}

  /** @throws InvalidOptionError before anything is removed */
  async run(
    { keys = [], patterns = [], tags = [], ...rest }: InvalidationTarget,
    options: InvalidationOptions = {},
  ): Promise<InvalidationResult> {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined)
      throw new InvalidOptionError(
        `invalidate: ${unknown}`,
        'there is no such target. Accepted: keys, patterns, tags.',
      );
    const settleMs = settleMsOf(options);
    if (settleMs > 0 && patterns.length > 0) {
      throw new InvalidOptionError('settle', 'works by key and tag, not by pattern. Give the entries a tag.');
    }
    const parsed = patterns.map((pattern) => Pattern.parse(pattern));
    const walk = this.walkFor({ patterns, tags });
    const removed = await Promise.all([
      this.parts.entries.evictMany(keys, settleMs),
      ...parsed.map((pattern) => this.evictPattern(pattern, walk!)),
      tags.length === 0 ? 0 : this.evictTags(requireTags('invalidate: tags', tags), walk!, settleMs),
      ...(options.scan === true ? parsed.map((pattern) => this.scanFor(pattern)) : []),
    ]);
    return { removed: sum(removed), delivered: true };
  }

  /** Removes all entries, and voids all loads. */
  async clear(): Promise<InvalidationResult> {
    const { walk } = this.parts;
    return { removed: walk === undefined ? await this.clearByScan() : await walk.evictAll(), delivered: true };
  }

  /** First the note that refuses what is being loaded now: what is stored from then on need not be found. */
  private async clearByScan(): Promise<number> {
    const { connection, keys, scan, entries } = this.parts;
    await Promise.all(keys.buckets.map(({ log }) => connection.run(forgetLoads, { log }, { epoch: newEpoch() })));
    const removed: number[] = [];
    await scan.runWhole(async ({ bucket, keys: found }) => {
      removed.push(await entries.evictIn(bucket, found));
    });
    return sum(removed);
  }

  /** Patterns and tags need an index. */
  private walkFor({ patterns, tags }: Required<Pick<InvalidationTarget, 'patterns' | 'tags'>>): IndexWalk | undefined {
    const { walk, namespace } = this.parts;
    if (walk !== undefined || (patterns.length === 0 && tags.length === 0)) return walk;
    throw new InvalidOptionError(
      `invalidate: ${patterns.length > 0 ? 'patterns' : 'tags'}`,
      `the cache namespace "${namespace}" has no index (index: false), so entries are found by their keys only.`,
    );
  }

  private async evictPattern(pattern: Pattern, walk: IndexWalk): Promise<number> {
    const { entries, events, namespace } = this.parts;
    const { literalPrefix } = pattern;
    if (pattern.isLiteral) return entries.evictMany([literalPrefix]);
    if (literalPrefix === '') events.publish('cache:costly-pattern', { namespace, pattern: pattern.source });
    const range = keysThatBeginWith(literalPrefix);
    return pattern.isPrefix ? walk.evictRange(range) : walk.evictMatching(range, (key) => pattern.matches(key));
  }

  /** First the note that refuses what is being loaded now, then what is stored. */
  private async evictTags(tags: readonly string[], walk: IndexWalk, settleMs: number): Promise<number> {
    const { connection, keys } = this.parts;
    const noted = keys.buckets.map(({ log }) =>
      connection.run(invalidateTags, { log }, { epoch: newEpoch(), tags: tags.join('\0'), settleMs }),
    );
    await Promise.all(noted);
    const removed = await Promise.all(tags.map((tag) => walk.evictRange(keysWithTag(tag))));
    return sum(removed);
  }

  private async scanFor(pattern: Pattern): Promise<number> {
    let removed = 0;
    for await (const keys of this.parts.scan.keys()) {
      removed += await this.parts.entries.evictMany(keys.filter((key) => pattern.matches(key)));
    }
    return removed;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
