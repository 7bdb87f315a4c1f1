/* eslint-disable @typescript-eslint/no-explicit-any -- `unknown` would refuse every function that has a parameter */
import type { Duration } from '../core/common/index.js';
import type { Callback } from './fits.js';

/**
 * One operation of `@CacheEvict`. Texts may be templates (`'product:{0}'`); in patterns, values are put in so that they
 * match nothing but themselves. Functions named after a thing get the arguments and are asked **before** the method
 * runs; those that end in `From` get the result and the arguments, after it. In functions, `this` is the instance.
 */
export interface CacheEvictOperation<Args extends any[] = any[], Result = any> {
  /** @default that of `@CacheConfig`, then `default` */
  readonly namespace?: string;
  readonly key?: string | Callback<Args, string>;
  readonly keys?: readonly string[] | Callback<Args, readonly string[]>;
  /** A glob: `list:*`. The text before the first wildcard is what it costs. */
  readonly pattern?: string | Callback<Args, string>;
  readonly patterns?: readonly string[] | Callback<Args, readonly string[]>;
  readonly tags?: readonly string[] | Callback<Args, readonly string[]>;
  /** The whole namespace. */
  readonly all?: true;
  readonly keyFrom?: Callback<[result: Result, ...args: Args], string>;
  readonly keysFrom?: Callback<[result: Result, ...args: Args], readonly string[]>;
  readonly patternFrom?: Callback<[result: Result, ...args: Args], string>;
  readonly patternsFrom?: Callback<[result: Result, ...args: Args], readonly string[]>;
  readonly tagsFrom?: Callback<[result: Result, ...args: Args], readonly string[]>;
  /**
   * - `'success'`: after the method, unless it throws;
   * - `'always'`: after the method, also when it throws: an error may hide that something was written;
   * - `'before'`: before the method runs, which is too early for everything that others may load meanwhile.
   * @default 'success'
   */
  readonly when?: 'success' | 'always' | 'before';
  /**
   * For how long the source may still give what was, such as a replica that lags behind: what is loaded within this time
   * is returned and not stored. At most a minute; with keys and tags only. @default 0
   */
  readonly settle?: Duration;
  /** Whether the keys have variants (`varyBy`) that another application made: all of them are evicted. */
  readonly variants?: true;
}

type FromOption = 'keyFrom' | 'keysFrom' | 'patternFrom' | 'patternsFrom' | 'tagsFrom';
type Target = 'key' | 'keys' | 'pattern' | 'patterns' | 'tags' | 'all' | FromOption;

/** What is wrong with the shape of an operation. */
export type OperationMisfit<Operation> =
  | (keyof Operation & Target extends never
      ? 'an operation says what to evict: key, keys, pattern, patterns, tags, all, or one that ends in From'
      : never)
  | (Operation extends { readonly when: 'always' | 'before' }
      ? keyof Operation & FromOption extends never
        ? never
        : "options that end in From need a result, so they go with when: 'success' only"
      : never)
  | (Operation extends { readonly settle: unknown }
      ? keyof Operation & ('pattern' | 'patterns' | 'patternFrom' | 'patternsFrom' | 'all') extends never
        ? never
        : 'settle works with keys and tags, not with patterns or all'
      : never)
  | (Operation extends { readonly all: true }
      ? keyof Operation & Exclude<Target, 'all'> extends never
        ? never
        : 'all evicts everything: it stands alone'
      : never);
