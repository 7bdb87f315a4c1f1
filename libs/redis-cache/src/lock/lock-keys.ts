import type { FeatureWord, KeySpace } from '../core/keys/index.js';
import type { Held } from './lock-store.js';

/** The keys of what is held; all of a resource lie in one hash slot. */
export class LockKeys {
  private readonly heads: Record<Held['kind'], ReturnType<typeof buildersOf>>;
  private readonly beside: ReadonlyMap<string, { readonly latch: string; readonly epoch: string }>;

  constructor(private readonly keys: KeySpace) {
    this.heads = { lock: buildersOf(keys, 'locks'), semaphore: buildersOf(keys, 'semaphores') };
    this.beside = new Map(keys.buckets.map((bucket) => [bucket, headsIn(keys, bucket)]));
  }

  bucketOf(resource: string): string {
    return this.keys.bucketOf(resource);
  }

  holders(kind: Held['kind'], resource: string): string {
    return this.heads[kind].holders(resource);
  }

  queue(kind: Held['kind'], resource: string): { queue: string; waiters: string } {
    const { queue, waiters } = this.heads[kind];
    return { queue: queue(resource), waiters: waiters(resource) };
  }

  /** What an attempt needs that takes or releases. */
  of({ kind, resource, attempt }: Held): { holders: string; queue: string; waiters: string; latch: string } {
    const { holders, queue, waiters } = this.heads[kind];
    const latch = this.beside.get(this.bucketOf(resource))!.latch + attempt;
    return { holders: holders(resource), queue: queue(resource), waiters: waiters(resource), latch };
  }

  epoch(bucket: string): string {
    return this.beside.get(bucket)!.epoch;
  }
}

function buildersOf(keys: KeySpace, namespace: string) {
  const of = (feature: FeatureWord) => keys.of(feature, namespace);
  return { holders: of('lock'), queue: of('lock-queue'), waiters: of('lock-waiters') };
}

function headsIn(keys: KeySpace, bucket: string) {
  return { latch: keys.headOf('lock-latch', 'attempts', bucket), epoch: keys.headOf('lock-epoch', 'locks', bucket) };
}
