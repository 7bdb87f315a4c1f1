import { sum } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { type CacheEntries, SLICE } from './cache-entries.js';
import { IndexIncompleteError } from './cache.errors.js';
import { type SliceReply, walkSlice } from './cache.scripts.js';
import type { IndexRebuild } from './index-rebuild.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';

/** A range of index members, in the notation of ZRANGEBYLEX. */
export interface MemberRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** So often a walk begins anew. */
const MOST_LOSSES = 8;

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

interface WalkParts {
  readonly connection: Pick<RedisConnection, 'run'>;
  readonly keys: NamespaceKeys;
  readonly entries: CacheEntries;
  readonly rebuild: IndexRebuild;
}

/** Walks over the index of a namespace, slice by slice, in all buckets at once. An incomplete index is rebuilt first. */
export class IndexWalk {
  constructor(private readonly parts: WalkParts) {}

  /** Evicts all members of a range. @returns how many entries there were */
  evictRange(range: MemberRange): Promise<number> {
    return this.inEachBucket((bucket) => this.evictRangeIn(bucket, range));
  }

  /** Evicts the keys of a range for which `matches` holds. */
  evictMatching(range: MemberRange, matches: (key: string) => boolean): Promise<number> {
    return this.inEachBucket(async (bucket) => {
      let removed = 0;
      for await (const { members } of this.slicesOf(bucket, range, 'list')) {
        const matching = members.map(keyOf).filter(matches);
        if (matching.length > 0) removed += await this.parts.entries.evictMany(matching);
      }
      return removed;
    });
  }

  evictAll(): Promise<number> {
    return this.evictRange(EVERYTHING);
  }

  /** The keys of a range, slice by slice, in no particular order; some may have expired. */
  async *keysIn(range: MemberRange): AsyncGenerator<readonly string[]> {
    for (const bucket of this.parts.keys.buckets) {
      for await (const { members } of this.slicesOf(bucket, range, 'list')) yield members.map(keyOf);
    }
  }

  private async inEachBucket(work: (bucket: Bucket) => Promise<number>): Promise<number> {
    return sum(await Promise.all(this.parts.keys.buckets.map(work)));
  }

  private async evictRangeIn(bucket: Bucket, range: MemberRange): Promise<number> {
    let removed = 0;
    for await (const slice of this.slicesOf(bucket, range, 'evict')) {
      removed += slice.removed;
      removed += await this.parts.entries.evictIn(bucket, slice.members.map(keyBytesOf));
    }
    return removed;
  }

  /** Slice by slice; when the index is lost it is rebuilt, and the walk begins again. */
  private async *slicesOf(bucket: Bucket, range: MemberRange, action: 'evict' | 'list'): AsyncGenerator<SliceReply> {
    let from: Buffer | undefined = range.from;
    let losses = 0;
    while (from !== undefined) {
      const slice = await this.slice(bucket, { from, to: range.to }, action);
      if (slice === undefined) {
        losses += 1;
        if (losses > MOST_LOSSES) throw new IndexIncompleteError(this.parts.keys.namespace, losses);
        // From the beginning: what was passed before the index was lost may have come back unseen.
        from = range.from;
        await this.parts.rebuild.run();
        continue;
      }
      yield slice;
      from = behind(slice.last);
    }
  }

  private slice({ index, entryHead, leaseHead }: Bucket, { from, to }: MemberRange, action: 'evict' | 'list') {
    return this.parts.connection.run(walkSlice, { index }, { from, to, limit: SLICE, action, entryHead, leaseHead });
  }
}

function keyOf(member: Buffer): string {
  return member.toString('utf8', 1);
}

/** Also of a member with a tag, and of a key that is no text. */
function keyBytesOf(member: Buffer): Buffer {
  const end = member.indexOf(0);
  return member.subarray(end === -1 ? 1 : end + 1);
}

function behind(last: Buffer | undefined): Buffer | undefined {
  return last && Buffer.concat([Buffer.from('('), last]);
}
