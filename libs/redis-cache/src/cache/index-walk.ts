import { groupBy } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { evictEntries, walkSlice } from './cache.scripts.js';
import type { IndexRebuild } from './index-rebuild.js';
import { joinKeys } from './key-list.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';

/** A range of index members, in the notation of ZRANGEBYLEX. */
export interface MemberRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** So few that a slice never holds Redis for a millisecond. */
const SLICE = 250;

const EVERYTHING: MemberRange = { from: Buffer.from('[k'), to: Buffer.from('(u') };

/** Keys that begin with a text. 0xff is in no UTF-8 text, so it comes behind all of them. */
export function keysThatBeginWith(prefix: string): MemberRange {
  const member = Buffer.from(`k${prefix}`, 'utf8');
  return {
    from: Buffer.concat([Buffer.from('['), member]),
    to: Buffer.concat([Buffer.from('('), member, Buffer.from([0xff])]),
  };
}

export function keysWithTag(tag: string): MemberRange {
  return { from: Buffer.from(`[t${tag}\0`, 'utf8'), to: Buffer.from(`(t${tag}\x01`, 'utf8') };
}

/** Walks over the index of a namespace, slice by slice, in all buckets at once. An incomplete index is rebuilt first. */
export class IndexWalk {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: NamespaceKeys,
    private readonly rebuild: IndexRebuild,
  ) {}

  /** Evicts all members of a range. @returns how many entries there were */
  evictRange(range: MemberRange): Promise<number> {
    return this.inEachBucket((bucket) => this.evictRangeIn(bucket, range));
  }

  /** Evicts the keys of a range for which `matches` holds. */
  evictMatching(range: MemberRange, matches: (key: string) => boolean): Promise<number> {
    return this.inEachBucket(async (bucket) => {
      let removed = 0;
      for await (const members of this.slicesOf(bucket, range)) {
        const matching = members.map(keyOf).filter(matches);
        if (matching.length > 0) removed += await this.evictKeysIn(bucket, matching);
      }
      return removed;
    });
  }

  evictAll(): Promise<number> {
    return this.evictRange(EVERYTHING);
  }

  /** Evicts keys by their names, listed or not. */
  async evictKeys(keys: Iterable<string>): Promise<number> {
    const byBucket = groupBy(new Set(keys), (key) => this.keys.bucketOf(key));
    const removed = await Promise.all([...byBucket].map(([bucket, some]) => this.evictKeysIn(bucket, some)));
    return sum(removed);
  }

  /** The keys of a range, slice by slice, in no particular order; some may have expired. */
  async *keysIn(range: MemberRange): AsyncGenerator<readonly string[]> {
    for (const bucket of this.keys.buckets) {
      for await (const members of this.slicesOf(bucket, range)) yield members.map(keyOf);
    }
  }

  private async inEachBucket(work: (bucket: Bucket) => Promise<number>): Promise<number> {
    return sum(await Promise.all(this.keys.buckets.map(work)));
  }

  private async evictRangeIn(bucket: Bucket, range: MemberRange): Promise<number> {
    let removed = 0;
    let from: Buffer | undefined = range.from;
    while (from !== undefined) {
      const slice = await this.slice(bucket, { from, to: range.to }, 'evict');
      if (slice === undefined) {
        // From the beginning: what was passed before the index was lost may have come back unseen.
        from = range.from;
        await this.rebuild.run();
        continue;
      }
      removed += slice.removed;
      from = behind(slice.last);
    }
    return removed;
  }

  private async *slicesOf(bucket: Bucket, range: MemberRange): AsyncGenerator<readonly Buffer[]> {
    let from: Buffer | undefined = range.from;
    while (from !== undefined) {
      const slice = await this.slice(bucket, { from, to: range.to }, 'list');
      if (slice === undefined) {
        from = range.from;
        await this.rebuild.run();
        continue;
      }
      yield slice.members;
      from = behind(slice.last);
    }
  }

  private slice({ index, entryHead, leaseHead }: Bucket, { from, to }: MemberRange, action: 'evict' | 'list') {
    return this.connection.run(walkSlice, { index }, { from, to, limit: SLICE, action, entryHead, leaseHead });
  }

  private async evictKeysIn({ index, entryHead, leaseHead }: Bucket, keys: readonly string[]): Promise<number> {
    let removed = 0;
    for (let at = 0; at < keys.length; at += SLICE) {
      const some = joinKeys(keys.slice(at, at + SLICE));
      removed += await this.connection.run(evictEntries, { index }, { entryHead, leaseHead, keys: some });
    }
    return removed;
  }
}

function keyOf(member: Buffer): string {
  return member.toString('utf8', 1);
}

function behind(last: Buffer | undefined): Buffer | undefined {
  return last && Buffer.concat([Buffer.from('('), last]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
