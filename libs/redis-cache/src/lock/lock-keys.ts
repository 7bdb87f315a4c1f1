import type { FeatureWord, KeySpace } from '../core/keys/index.js';
import type { Held } from './lock-store.js';

/** The keys of what is held; all of a resource lie in one hash slot. */
export class LockKeys {
  private readonly heads: Record<Held['kind'], ReturnType<typeof buildersOf>>;

  constructor(private readonly keys: KeySpace) {
    this.heads = { lock: buildersOf(keys, 'locks'), semaphore: buildersOf(keys, 'semaphores') };
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

  fence(kind: Held['kind'], resource: string): string {
    return this.heads[kind].fence(resource);
  }

  latch({ resource, attempt }: Held): string {
    return this.keys.headOf('lock-latch', 'attempts', this.bucketOf(resource)) + attempt;
  }

  epoch(bucket: string): string {
    return this.keys.headOf('lock-epoch', 'locks', bucket);
  }
}

function buildersOf(keys: KeySpace, namespace: string) {
  const of = (feature: FeatureWord) => keys.of(feature, namespace);
  return { holders: of('lock'), queue: of('lock-queue'), waiters: of('lock-waiters'), fence: of('lock-fence') };
}
