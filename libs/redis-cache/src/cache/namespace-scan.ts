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

/** So often it begins anew when keys move, or the index is lost, while it scans. */
export const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;

/** Nothing before the first two attempts, and twice as long before each further one. */
export function pauseBefore(attempt: number): Promise<void> {
  if (attempt < 2) return Promise.resolve();
  return new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt));
}

/** Looks for the entries and leases of a namespace by SCAN, over all keys of the database. */
export class NamespaceScan {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keysOf: NamespaceKeys,
  ) {}

  /**
   * Scans buckets, on all their owners at once. @returns those whose keys were all met: not those without an owner, nor those
   * that move between two primaries, where they may be seen on neither
   */
  async run(buckets: readonly Bucket[], visit: (found: ScannedKeys) => Promise<void>): Promise<readonly Bucket[]> {
    const owners = groupBy(buckets, (bucket) => this.ownerOf(bucket));
    const met = await Promise.all([...owners].map(([owner, some]) => this.scanWhole(owner, some, visit)));
    if (met.flat().length < buckets.length) await this.connection.topology.refresh();
    return met.flat();
  }

  /** Visits every bucket, again where its keys moved meanwhile. @throws IndexIncompleteError when they move on and on */
  async runWhole(visit: (found: ScannedKeys) => Promise<void>): Promise<void> {
    let left: readonly Bucket[] = this.keysOf.buckets;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS) throw new IndexIncompleteError(this.keysOf.namespace, ATTEMPTS);
      await pauseBefore(attempt);
      const visited = new Set(await this.run(left, visit));
      left = left.filter((bucket) => !visited.has(bucket));
    }
  }

  /**
   * The keys that have an entry or a lease, some at a time; some may come twice, and what moves meanwhile may be missing.
   * @throws IndexIncompleteError when some have no owner
   */
  async *keys(): AsyncGenerator<readonly string[]> {
    const owners = groupBy(this.keysOf.buckets, (bucket) => this.ownerOf(bucket));
    for (const [owner, buckets] of owners) {
      if (owner === undefined) throw new IndexIncompleteError(this.keysOf.namespace, 1);
      for await (const { keys } of this.scan(owner, buckets)) yield keys.map(String).filter(isKey);
    }
  }

  private async scanWhole(
    owner: Redis | undefined,
    buckets: readonly Bucket[],
    visit: (found: ScannedKeys) => Promise<void>,
  ): Promise<readonly Bucket[]> {
    if (owner === undefined) return [];
    const whole = await this.wholeAt(owner, buckets);
    if (whole.length === 0) return [];
    for await (const found of this.scan(owner, whole)) await visit(found);
    return this.wholeAt(owner, whole);
  }

  /** Those of which an owner has all keys: asked for a key that nobody has, it sends others elsewhere. */
  private async wholeAt(owner: Redis, buckets: readonly Bucket[]): Promise<readonly Bucket[]> {
    const { connection } = this;
    if (connection.topology.kind !== 'cluster') return buckets;
    const ask = (name: string): Promise<boolean> =>
      connection.send(() => owner.exists(name).then(() => true, refusalIsNo), { resend: 'safe' });
    const answers = await Promise.all(buckets.map(({ index }) => ask(`${index}\0none`)));
    return buckets.filter((_, at) => answers[at]);
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

/** `MOVED`, `ASK`, or the slot has no owner. */
function refusalIsNo(error: Error): false {
  if (error.name === 'ReplyError') return false;
  throw error;
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
