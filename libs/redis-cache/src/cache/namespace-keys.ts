import type { KeySpace } from '../core/keys/index.js';

/** What the keys of one bucket have in common. They all lie in one hash slot. */
export interface Bucket {
  readonly name: string;
  readonly entryHead: string;
  readonly leaseHead: string;
  readonly index: string;
  readonly log: string;
  /** Overwritten to ask replicas how far they are. */
  readonly mark: string;
}

/** The keys of one namespace, by bucket: one bucket on a server, 64 on a cluster. */
export class NamespaceKeys {
  readonly buckets: readonly Bucket[];
  /** Who holds it builds the index at boot. */
  readonly builder: string;
  /** Where the shape of the namespace is recorded. */
  readonly shape: string;
  /** What a SCAN for all entries and leases looks for, as a glob of Redis; it meets some other keys too. */
  readonly scanPattern: string;
  /** What all entries of the namespace, and nothing else, begin with in Redis. */
  readonly prefix: string;
  private readonly byName: ReadonlyMap<string, Bucket>;

  constructor(
    private readonly space: KeySpace,
    readonly namespace: string,
  ) {
    this.buckets = space.buckets.map((name) => ({
      name,
      entryHead: space.headOf('cache', namespace, name),
      leaseHead: space.headOf('cache-lease', namespace, name),
      index: space.headOf('cache-index', namespace, name),
      log: space.headOf('cache-log', namespace, name),
      mark: `${space.headOf('cache-log', namespace, name)}:mark`,
    }));
    this.builder = space.of('cache-index', namespace)('builder');
    this.shape = space.of('cache-index', namespace)('shape');
    this.prefix = space.headOf('cache', namespace, '');
    this.scanPattern = space.globOf('cache', namespace);
    this.byName = new Map(this.buckets.map((bucket) => [bucket.name, bucket]));
  }

  /** @throws InvalidKeyError */
  bucketOf(key: string): Bucket {
    return this.byName.get(this.space.bucketOf(key))!;
  }

  /** @throws InvalidKeyError */
  entryOf(key: string): string {
    return this.bucketOf(key).entryHead + key;
  }

  /** The key of an entry, of its name in Redis. */
  keyOf(entry: string): string {
    return entry.slice(this.buckets[0]!.entryHead.length);
  }

  /** The keys of scripts that work on one entry. @throws InvalidKeyError */
  of(key: string): { entry: string; lease: string; index: string; log: string } {
    const { entryHead, leaseHead, index, log } = this.bucketOf(key);
    return { entry: entryHead + key, lease: leaseHead + key, index, log };
  }
}
