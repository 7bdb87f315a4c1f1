import { sum } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { isKey, type Pattern } from '../core/keys/index.js';
import { type CacheEntries, newEpoch, SLICE } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { forgetLoads, invalidateTags } from './cache.scripts.js';
import { inBatches } from './in-batches.js';
import { keysThatBeginWith, keysWithTag, type IndexWalk } from './index-walk.js';
import type { InvalidationPlan, InvalidationResult } from './invalidation-plan.js';
import type { NamespaceKeys } from './namespace-keys.js';
import type { NamespaceScan } from './namespace-scan.js';

/** On a cluster each is one walk in every bucket. */
const WALKS_AT_ONCE = 20;

/** Carries out invalidations in one namespace. */
export class Invalidation {
  constructor(
    private readonly parts: {
      readonly namespace: string;
      readonly connection: Pick<RedisConnection, 'run'>;
      readonly keys: NamespaceKeys;
      readonly entries: CacheEntries;
      /** Missing in a namespace without an index, where no plan has patterns or tags. */
      readonly walk: IndexWalk | undefined;
      readonly scan: NamespaceScan;
      readonly events: EventBus<CacheEvents>;
    },
  ) {}

  async run({ keys, patterns, tags, settleMs, scan }: InvalidationPlan): Promise<InvalidationResult> {
    const { entries } = this.parts;
    const removed = await Promise.all([
      entries.evictMany(keys, settleMs),
      inBatches(patterns, (pattern) => this.evictPattern(pattern), { atOnce: WALKS_AT_ONCE }).then(sum),
      this.evictTags(tags, settleMs),
      scan ? inBatches(patterns, (pattern) => this.scanFor(pattern), { atOnce: 1 }).then(sum) : 0,
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

  private async evictPattern(pattern: Pattern): Promise<number> {
    const { entries, walk, events, namespace } = this.parts;
    const { literalPrefix } = pattern;
    if (pattern.isLiteral) return entries.evictMany([literalPrefix]);
    if (literalPrefix === '') events.publish('cache:costly-pattern', { namespace, pattern: pattern.source });
    const range = keysThatBeginWith(literalPrefix);
    return pattern.isPrefix ? walk!.evictRange(range) : walk!.evictMatching(range, (key) => pattern.matches(key));
  }

  /** First the note that refuses what is being loaded now, then what is stored. */
  private async evictTags(tags: readonly string[], settleMs: number): Promise<number> {
    const { connection, keys, walk } = this.parts;
    for (let at = 0; at < tags.length; at += SLICE) {
      const some = tags.slice(at, at + SLICE).join('\0');
      const noted = keys.buckets.map(({ log }) =>
        connection.run(invalidateTags, { log }, { epoch: newEpoch(), tags: some, settleMs }),
      );
      await Promise.all(noted);
    }
    return sum(await inBatches(tags, (tag) => walk!.evictRange(keysWithTag(tag)), { atOnce: WALKS_AT_ONCE }));
  }

  private async scanFor(pattern: Pattern): Promise<number> {
    const { scan, entries } = this.parts;
    const removed: number[] = [];
    await scan.runWhole(async ({ bucket, keys }) => {
      const matching = keys.map(String).filter((key) => isKey(key) && pattern.matches(key));
      removed.push(await entries.evictIn(bucket, matching));
    });
    return sum(removed);
  }
}
