import type { KeySpace } from '../core/keys/index.js';
import type { Held } from './lock-store.js';

/** What the keys of a bucket begin with. */
interface Heads {
  readonly holders: string;
  readonly queue: string;
  readonly waiters: string;
}

/** The keys of what is held; all of a resource lie in one hash slot. */
export class LockKeys {
  private readonly heads: Record<Held['kind'], ReadonlyMap<string, Heads>>;
  private readonly beside: ReadonlyMap<string, { readonly latch: string; readonly epoch: string }>;
  private readonly onlyBucket: string | undefined;

  constructor(private readonly keys: KeySpace) {
    this.onlyBucket = keys.buckets.length === 1 ? keys.buckets[0] : undefined;
    this.heads = { lock: headsOf(keys, 'locks'), semaphore: headsOf(keys, 'semaphores') };
    this.beside = new Map(
      keys.buckets.map((bucket) => [
        bucket,
        { latch: keys.headOf('lock-latch', 'attempts', bucket), epoch: keys.headOf('lock-epoch', 'locks', bucket) },
      ]),
    );
  }

  bucketOf(resource: string): string {
    return this.onlyBucket ?? this.keys.bucketOf(resource);
  }

  holders(kind: Held['kind'], resource: string): string {
    return this.heads[kind].get(this.bucketOf(resource))!.holders + resource;
  }

  epochIn(bucket: string): string {
    return this.beside.get(bucket)!.epoch;
  }

  queue(kind: Held['kind'], resource: string): { queue: string; waiters: string } {
    const { queue, waiters } = this.heads[kind].get(this.bucketOf(resource))!;
    return { queue: queue + resource, waiters: waiters + resource };
  }

  /** What an attempt needs that takes or releases. */
  of({ kind, resource, attempt }: Held, bucket: string) {
    const { holders, queue, waiters } = this.heads[kind].get(bucket)!;
    const { latch, epoch } = this.beside.get(bucket)!;
    return {
      holders: holders + resource,
      queue: queue + resource,
      waiters: waiters + resource,
      latch: latch + attempt,
      epoch,
    };
  }
}

function headsOf(keys: KeySpace, namespace: string): ReadonlyMap<string, Heads> {
  const headsIn = (bucket: string): Heads => ({
    holders: keys.headOf('lock', namespace, bucket),
    queue: keys.headOf('lock-queue', namespace, bucket),
    waiters: keys.headOf('lock-waiters', namespace, bucket),
  });
  return new Map(keys.buckets.map((bucket) => [bucket, headsIn(bucket)]));
}
