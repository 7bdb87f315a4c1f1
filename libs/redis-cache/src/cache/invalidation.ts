import { InvalidOptionError } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { Pattern } from '../core/keys/index.js';
import { newEpoch } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { invalidateTags } from './cache.scripts.js';
import { keysThatBeginWith, keysWithTag, type IndexWalk } from './index-walk.js';
import type { NamespaceKeys } from './namespace-keys.js';
import { requireTags } from './tags.js';

/** What an invalidation covers, in one namespace. */
export interface InvalidationTarget {
  readonly keys?: readonly string[];
  /** Globs: `product:*`. The text before the first wildcard is what an invalidation costs. */
  readonly patterns?: readonly string[];
  readonly tags?: readonly string[];
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

/** Carries out invalidations in one namespace. */
export class Invalidation {
  constructor(
    private readonly parts: {
      readonly namespace: string;
      readonly connection: RedisConnection;
      readonly keys: NamespaceKeys;
      readonly walk: IndexWalk;
      readonly events: EventBus<CacheEvents>;
    },
  ) {}

  async run({ keys = [], patterns = [], tags = [], ...rest }: InvalidationTarget): Promise<InvalidationResult> {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined)
      throw new InvalidOptionError(
        `invalidate: ${unknown}`,
        'there is no such target. Accepted: keys, patterns, tags.',
      );
    const parsed = patterns.map((pattern) => Pattern.parse(pattern));
    const removed = await Promise.all([
      this.parts.walk.evictKeys(keys),
      ...parsed.map((pattern) => this.evictPattern(pattern)),
      this.evictTags(requireTags('invalidate: tags', tags)),
    ]);
    return { removed: removed.reduce((sum, each) => sum + each, 0), delivered: true };
  }

  private async evictPattern(pattern: Pattern): Promise<number> {
    const { walk, events, namespace } = this.parts;
    const { literalPrefix } = pattern;
    if (pattern.isLiteral) return walk.evictKeys([literalPrefix]);
    if (literalPrefix === '') events.publish('cache:costly-pattern', { namespace, pattern: pattern.source });
    const range = keysThatBeginWith(literalPrefix);
    return pattern.isPrefix ? walk.evictRange(range) : walk.evictMatching(range, (key) => pattern.matches(key));
  }

  /** First the note that refuses what is being loaded now, then what is stored. */
  private async evictTags(tags: readonly string[]): Promise<number> {
    if (tags.length === 0) return 0;
    const { connection, keys, walk } = this.parts;
    const noted = keys.buckets.map(({ log }) =>
      connection.run(invalidateTags, { log }, { epoch: newEpoch(), tags: tags.join('\0') }),
    );
    await Promise.all(noted);
    const removed = await Promise.all(tags.map((tag) => walk.evictRange(keysWithTag(tag))));
    return removed.reduce((sum, each) => sum + each, 0);
  }
}
