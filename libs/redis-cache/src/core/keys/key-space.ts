import { bucketOf } from './bucket.js';
import type { FeatureWord } from './feature-word.js';
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
  constructor(private readonly options: KeySpaceOptions) {
    requirePrefix('keyPrefix', options.keyPrefix);
  }

  /** Builds the keys of one feature in one namespace. */
  of(feature: FeatureWord, namespace: string): (key: string) => string {
    const head = this.headOf(feature, namespace);
    if (this.options.layout === 'plain') {
      return (key) => {
        assertKey(key);
        return head + key;
      };
    }
    return (key) => {
      assertKey(key);
      return `${head}{${bucketOf(key)}}:${key}`;
    };
  }

  /** What all keys of a feature in a namespace begin with. */
  headOf(feature: FeatureWord, namespace: string): string {
    return `${this.options.keyPrefix}:${feature}:${requireNamespace('namespace', namespace)}:`;
  }
}
