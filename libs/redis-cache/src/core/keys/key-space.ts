import { bucketOf, CLUSTER_BUCKETS, nameOfBucket } from './bucket.js';
import type { FeatureWord } from './feature-word.js';
import { escapeGlob } from './pattern.js';
import { assertKey, requireNamespace, requirePrefix } from './key-rules.js';

export interface KeySpaceOptions {
  readonly keyPrefix: string;
  /** `'bucketed'` on a cluster: the keys of a namespace are spread over hash slots by their bucket. */
  readonly layout: 'plain' | 'bucketed';
}

/**
 * The only place where a key string is built: `<prefix>:<feature>:<namespace>:<key>`, and on a cluster
 * `<prefix>:<feature>:<namespace>:{bb}:<key>`. Different arguments never give the same string.
 */
export class KeySpace {
  /** The buckets of a namespace: one without a name on a server, 64 on a cluster. */
  readonly buckets: readonly string[];

  constructor(private readonly options: KeySpaceOptions) {
    requirePrefix('keyPrefix', options.keyPrefix);
    const count = options.layout === 'plain' ? 0 : CLUSTER_BUCKETS;
    this.buckets = count === 0 ? [''] : Array.from({ length: count }, (_, bucket) => nameOfBucket(bucket));
  }

  /** Builds the keys of one feature in one namespace. */
  of(feature: FeatureWord, namespace: string): (key: string) => string {
    const heads = new Map(this.buckets.map((bucket) => [bucket, this.headOf(feature, namespace, bucket)]));
    return (key) => heads.get(this.bucketOf(key))! + key;
  }

  /** What SCAN looks for to find all keys of a feature in a namespace; also of features whose word begins like its own. */
  globOf(feature: FeatureWord, namespace: string): string {
    return `${escapeGlob(this.options.keyPrefix)}:${feature}*:${escapeGlob(namespace)}:*`;
  }

  /** @throws InvalidKeyError */
  bucketOf(key: string): string {
    assertKey(key);
    return this.options.layout === 'plain' ? '' : bucketOf(key);
  }

  /**
   * What all keys of a bucket begin with; by itself, the key of what exists once in each bucket.
   * @example headOf('cache-index', 'products', '3f') // 'app:cache-index:products:{3f}:'
   */
  headOf(feature: FeatureWord, namespace: string, bucket: string): string {
    const head = `${this.options.keyPrefix}:${feature}:${requireNamespace('namespace', namespace)}:`;
    return bucket === '' ? head : `${head}{${bucket}}:`;
  }
}
