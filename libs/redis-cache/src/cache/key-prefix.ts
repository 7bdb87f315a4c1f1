import { assertKey, escapeGlob } from '../core/keys/index.js';
import type { InvalidationTarget } from './invalidation-plan.js';

/** What a service puts before its keys and patterns, inside a namespace. Tags are those of the whole namespace. */
export class KeyPrefix {
  constructor(readonly text: string) {}

  /** @throws InvalidKeyError */
  add(key: string): string {
    if (this.text === '') return key;
    assertKey(key);
    return this.text + key;
  }

  addToPattern(pattern: string): string {
    return escapeGlob(this.text) + pattern;
  }

  addToTarget(target: string | InvalidationTarget): InvalidationTarget {
    const { keys = [], patterns = [], ...rest } = typeof target === 'string' ? { patterns: [target] } : target;
    return {
      ...rest,
      keys: keys.map((key) => this.add(key)),
      patterns: patterns.map((pattern) => this.addToPattern(pattern)),
    };
  }

  removeFrom(whole: string): string {
    return whole.slice(this.text.length);
  }

  /** @throws InvalidKeyError */
  followedBy(text: string): KeyPrefix {
    assertKey(text);
    return new KeyPrefix(this.text + text);
  }
}
