import type { Redis } from 'ioredis';
import { groupBy } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { hashSlotOf, isKey } from '../core/keys/index.js';
import { IndexIncompleteError } from './cache.errors.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';

/** Keys that a scan has met in a bucket, as entries or as leases. */
export interface ScannedKeys {
  readonly bucket: Bucket;
  readonly keys: readonly Buffer[];
}

const SCAN_COUNT = 500;
const ATTEMPTS = 8;

/** Looks for the entries and leases of a namespace by SCAN, over all keys of the database. */
export class NamespaceScan {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keysOf: NamespaceKeys,
  ) {}

  /**
   * Scans buckets, on all their owners at once. @returns those whose keys were all met: what moves between two primaries
   * while they are scanned may be seen on neither
   */
  async run(buckets: readonly Bucket[], visit: (found: ScannedKeys) => Promise<void>): Promise<readonly Bucket[]> {
    const owners = groupBy(buckets, (bucket) => this.ownerOf(bucket));
    await Promise.all(
      [...owners].map(async ([owner, some]) => {
        if (owner === undefined) return;
        for await (const found of this.scan(owner, some)) await visit(found);
      }),
    );
    return [...owners].flatMap(([owner, some]) =>
      owner === undefined ? [] : some.filter((bucket) => this.ownerOf(bucket) === owner),
    );
  }

  /** Visits every bucket, again where its keys moved meanwhile. @throws IndexIncompleteError when they move on and on */
  async runWhole(visit: (found: ScannedKeys) => Promise<void>): Promise<void> {
    let left: readonly Bucket[] = this.keysOf.buckets;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS) throw new IndexIncompleteError(this.keysOf.namespace, ATTEMPTS);
      const visited = new Set(await this.run(left, visit));
      left = left.filter((bucket) => !visited.has(bucket));
    }
  }

  /** The keys that have an entry or a lease, some at a time; some may come twice. */
  async *keys(): AsyncGenerator<readonly string[]> {
    const owners = groupBy(this.keysOf.buckets, (bucket) => this.ownerOf(bucket));
    for (const [owner, buckets] of owners) {
      if (owner === undefined) continue;
      for await (const { keys } of this.scan(owner, buckets)) yield keys.map(String).filter(isKey);
    }
  }

  private async *scan(owner: Redis, buckets: readonly Bucket[]): AsyncGenerator<ScannedKeys> {
    const heads = new Map(
      buckets.flatMap((bucket) => [[bucket.entryHead, bucket] as const, [bucket.leaseHead, bucket] as const]),
    );
    let cursor = '0';
    do {
      const from = cursor;
      const [next, found] = await this.connection.send(
        () => owner.scanBuffer(from, 'MATCH', this.keysOf.scanPattern, 'COUNT', SCAN_COUNT),
        { resend: 'safe' },
      );
      cursor = next.toString();
      yield* byBucket(found, heads);
    } while (cursor !== '0');
  }

  private ownerOf({ index }: Bucket): Redis | undefined {
    return this.connection.topology.ownerOf(hashSlotOf(index));
  }
}

function byBucket(found: readonly Buffer[], heads: ReadonlyMap<string, Bucket>): ScannedKeys[] {
  const ours = found.flatMap((whole) => {
    const head = headOf(whole, heads);
    return head === undefined ? [] : [{ bucket: heads.get(head)!, key: whole.subarray(Buffer.byteLength(head)) }];
  });
  return [...groupBy(ours, ({ bucket }) => bucket)].map(([bucket, some]) => ({
    bucket,
    keys: some.map(({ key }) => key),
  }));
}

/** Which of the heads a key begins with. On a server there is one of each kind; on a cluster the bucket is in braces. */
function headOf(whole: Buffer, heads: ReadonlyMap<string, Bucket>): string | undefined {
  if (heads.size <= 2) return [...heads.keys()].find((head) => whole.indexOf(head) === 0);
  const end = whole.indexOf('}:');
  const head = whole.toString('utf8', 0, end + 2);
  return heads.has(head) ? head : undefined;
}
