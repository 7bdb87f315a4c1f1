import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { IndexIncompleteError } from './cache.errors.js';
import type { CacheEvents } from './cache.events.js';
import { beginRebuild, endRebuild, listInRebuild } from './cache.scripts.js';
import { joinKeys } from './key-list.js';
import type { Bucket, NamespaceKeys } from './namespace-keys.js';
import { ATTEMPTS, type NamespaceScan, pauseBefore, type ScannedKeys } from './namespace-scan.js';

interface RebuildParts {
  readonly connection: RedisConnection;
  readonly keys: NamespaceKeys;
  readonly scan: NamespaceScan;
  readonly events: EventBus<CacheEvents>;
}

interface RebuildOptions {
  readonly namespace: string;
  readonly indexTtlMs: number;
  readonly format: 'enveloped' | 'plain';
}

/**
 * Makes the index of a namespace complete again: after its first use, an eviction by Redis, a flush. It scans for
 * entries and leases and lists them. It removes only what cannot be listed: entries whose tags it cannot read. Writers
 * list themselves from the moment it begins.
 */
export class IndexRebuild {
  private running: Promise<void> | undefined;

  constructor(
    private readonly parts: RebuildParts,
    private readonly options: RebuildOptions,
  ) {}

  /**
   * Resolves when every bucket was seen to be complete. Those who ask at the same time share one scan.
   * @throws IndexIncompleteError when it is lost, or its slots move, again and again
   */
  run(): Promise<void> {
    this.running ??= this.untilComplete().finally(() => (this.running = undefined));
    return this.running;
  }

  private async untilComplete(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      await pauseBefore(attempt);
      const id = randomUUID();
      const incomplete = await this.beginEach(id);
      if (incomplete.length === 0) return;
      const complete = await this.complete(incomplete, id);
      if (complete > 0)
        this.parts.events.publish('cache:index-rebuilt', { namespace: this.options.namespace, buckets: complete });
    }
    throw new IndexIncompleteError(this.options.namespace, ATTEMPTS);
  }

  /** @returns how many buckets are complete now; another round will tell whether it lasted */
  private async complete(incomplete: readonly Bucket[], id: string): Promise<number> {
    const unlisted = new Set<Bucket>();
    const scanned = await this.parts.scan.run(incomplete, async (found) => {
      if ((await this.list(found)) === undefined) unlisted.add(found.bucket);
    });
    const listed = scanned.filter((bucket) => !unlisted.has(bucket));
    const ended = await Promise.all(
      listed.map(({ index }) => this.parts.connection.run(endRebuild, { index }, { id })),
    );
    return ended.filter(Boolean).length;
  }

  private async beginEach(id: string): Promise<Bucket[]> {
    const begun = await Promise.all(
      this.parts.keys.buckets.map(({ index }) =>
        this.parts.connection.run(beginRebuild, { index }, { id, indexTtlMs: this.options.indexTtlMs }),
      ),
    );
    return this.parts.keys.buckets.filter((_, at) => begun[at]);
  }

  private async list({ bucket: { index, entryHead, leaseHead }, keys }: ScannedKeys): Promise<number | undefined> {
    const { indexTtlMs, format } = this.options;
    const listed = { entryHead, leaseHead, keys: joinKeys(keys), indexTtlMs, format };
    return this.parts.connection.run(listInRebuild, { index }, listed);
  }
}
