import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { groupBy } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { escapeGlob, hashSlotOf } from '../core/keys/index.js';
import type { CacheEvents } from './cache.events.js';
import { beginRebuild, endRebuild, listInRebuild } from './cache.scripts.js';
import { joinKeys } from './key-list.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';

interface RebuildOptions {
  readonly namespace: string;
  readonly indexTtlMs: number;
  readonly format: 'enveloped' | 'plain';
}

const SCAN_COUNT = 500;

/**
 * Makes the index of a namespace complete again: after its first use, an eviction by Redis, a flush. It scans for
 * entries and leases and lists them; it removes nothing. Writers list themselves from the moment it begins.
 */
export class IndexRebuild {
  private running: Promise<void> | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: NamespaceKeys,
    private readonly events: EventBus<CacheEvents>,
    private readonly options: RebuildOptions,
  ) {}

  /** Resolves when every bucket was seen to be complete. Those who ask at the same time share one scan. */
  run(): Promise<void> {
    this.running ??= this.untilComplete().finally(() => (this.running = undefined));
    return this.running;
  }

  private async untilComplete(): Promise<void> {
    for (;;) {
      const id = randomUUID();
      const incomplete = await this.beginEach(id);
      if (incomplete.length === 0) return;
      const owners = groupBy(incomplete, (bucket) => this.ownerOf(bucket));
      for (const [owner, buckets] of owners) if (owner !== undefined) await this.scan(owner, buckets);
      // Keys that moved between two primaries while they were scanned may have been seen on neither.
      const stayed = [...owners].flatMap(([owner, buckets]) =>
        owner === undefined ? [] : buckets.filter((bucket) => this.ownerOf(bucket) === owner),
      );
      await Promise.all(stayed.map(({ index }) => this.connection.run(endRebuild, { index }, { id })));
      this.events.publish('cache:index-rebuilt', { namespace: this.options.namespace, buckets: stayed.length });
    }
  }

  private async beginEach(id: string): Promise<Bucket[]> {
    const begun = await Promise.all(
      this.keys.buckets.map(({ index }) =>
        this.connection.run(beginRebuild, { index }, { id, indexTtlMs: this.options.indexTtlMs }),
      ),
    );
    return this.keys.buckets.filter((_, at) => begun[at]);
  }

  private async scan(owner: Redis, buckets: readonly Bucket[]): Promise<void> {
    const heads = new Map(
      buckets.flatMap((bucket) => [[bucket.entryHead, bucket] as const, [bucket.leaseHead, bucket] as const]),
    );
    const patterns = new Set([...heads.keys()].map((head) => `${escapeGlob(head.replace(/\{[^{}]*\}:$/, ''))}*`));
    for (const pattern of patterns) {
      let cursor = '0';
      do {
        const from = cursor;
        const [next, found] = await this.connection.send(
          () => owner.scanBuffer(from, 'MATCH', pattern, 'COUNT', SCAN_COUNT),
          { resend: 'safe' },
        );
        cursor = next.toString();
        await this.list(found, heads);
      } while (cursor !== '0');
    }
  }

  private async list(found: readonly Buffer[], heads: ReadonlyMap<string, Bucket>): Promise<void> {
    const byBucket = new Map<Bucket, Buffer[]>();
    for (const whole of found) {
      const head = headOf(whole, heads);
      if (head === undefined) continue;
      const bucket = heads.get(head)!;
      byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), whole.subarray(Buffer.byteLength(head))]);
    }
    await Promise.all(
      [...byBucket].map(([{ index, entryHead, leaseHead }, keys]) =>
        this.connection.run(
          listInRebuild,
          { index },
          {
            entryHead,
            leaseHead,
            keys: joinKeys(keys),
            indexTtlMs: this.options.indexTtlMs,
            format: this.options.format,
          },
        ),
      ),
    );
  }

  private ownerOf({ index }: Bucket): Redis | undefined {
    return this.connection.topology.ownerOf(hashSlotOf(index));
  }
}

/** Which of the heads a key begins with. On a server there is one of each kind; on a cluster the bucket is in braces. */
function headOf(whole: Buffer, heads: ReadonlyMap<string, Bucket>): string | undefined {
  if (heads.size <= 2) return [...heads.keys()].find((head) => whole.indexOf(head) === 0);
  const end = whole.indexOf('}:');
  const head = whole.toString('utf8', 0, end + 2);
  return heads.has(head) ? head : undefined;
}
