/* eslint-disable @typescript-eslint/no-explicit-any -- `unknown` would refuse every function that has a parameter */
import type { ErrorClass } from '../cache/index.js';
import type { Duration, Ttl } from '../core/common/index.js';
import type { Callback, Scalar } from './fits.js';

/** What results may vary by beside the arguments; `null` for none. `undefined` means that it is not known, and refuses. */
export type VaryByValue = Scalar | null | undefined;

/**
 * What results vary by beside the arguments (tenant, locale, user), by name: each variant is an entry of its own. Or a
 * function that returns all of it, as an object or as a text.
 *
 * @example varyBy: { tenant: () => context.getStore()?.tenant }
 */
export type VaryBy<Args extends any[] = any[]> =
  | Readonly<Record<string, Callback<Args, VaryByValue>>>
  | Callback<Args, Readonly<Record<string, VaryByValue>> | string | undefined>;

/** What `@CachePut` and `@Cacheable` have in common: how a result is stored. */
interface ResultOptions<Args extends any[], Result> {
  /** @default that of `@CacheConfig`, then `default` */
  readonly namespace?: string;
  /**
   * How long the result is fresh, also as a function of the result and the arguments. A number is milliseconds.
   * @default that of `@CacheConfig`, then the namespace's
   */
  readonly ttl?: Ttl | Callback<[result: Result, ...args: Args], Ttl>;
  /**
   * Names under which the entry can be evicted together with others, beside those of `@CacheConfig`; also as templates
   * (`'category:{0}'`) or as a function of the arguments.
   */
  readonly tags?: readonly string[] | Callback<Args, readonly string[]>;
  /** Tags that depend on the result, in addition to `tags`. */
  readonly tagsFrom?: Callback<[result: Result, ...args: Args], readonly string[]>;
  /** Results for which it holds are returned and not stored. */
  readonly unless?: Callback<[result: Result, ...args: Args], boolean>;
  /** Whether the cache takes part in a call; where it does not hold, the method runs as if it were not decorated. */
  readonly condition?: Callback<Args, boolean>;
}

/**
 * A key inside the namespace: a template (`'product:{0}'`, `'{0.id}:{1}'`), whose values are put in as they are, or a
 * function of the arguments. Methods of one namespace share its keys: begin them differently.
 */
export type KeyOption<Args extends any[]> = string | Callback<Args, string>;

/** Options of `@Cacheable`. In functions, `this` is the instance. */
export interface CacheableOptions<Args extends any[] = any[], Result = any> extends ResultOptions<Args, Result> {
  /**
   * @default `<Class>.<method>:<argument>:<argument>`, such as `ProductsRepository.find:"42":true`. Arguments are texts,
   * numbers and other plain data. In controllers and request-scoped classes it is refused, unless there is a `varyBy`.
   */
  readonly key?: KeyOption<Args>;
  /** @default that of `@CacheConfig` */
  readonly varyBy?: VaryBy<Args>;
  /**
   * Errors of exactly these classes are remembered: until `errorTtl` has passed the method does not run, and an error of
   * the same class, with the same message and properties, is thrown. @default none
   * @example cacheErrors: [NotFoundException]
   */
  readonly cacheErrors?: readonly ErrorClass[];
  /** How long an error is remembered. @default '10s' */
  readonly errorTtl?: Duration;
  /** `false` asks Redis, also where a copy in the memory of this process could answer. */
  readonly l1?: false;
}

/** Options of `@CachePut`. In functions, `this` is the instance. */
export interface CachePutOptions<Args extends any[] = any[], Result = any> extends ResultOptions<Args, Result> {
  /** Made of the arguments, because it is held while the method runs. For a key made of the result use `@CacheEvict`. */
  readonly key: KeyOption<Args>;
}

/** What the decorated methods of a class, and of those below it, have in common. */
export interface CacheConfigOptions {
  /** @default `default` */
  readonly namespace?: string;
  /** A number is milliseconds. @default the namespace's */
  readonly ttl?: Ttl;
  /** In addition to the tags of the methods, and of the classes above. */
  readonly tags?: readonly string[];
  /** In addition to that of the methods, and of the classes above. */
  readonly varyBy?: VaryBy;
}

/** Options of later versions: refused rather than ignored. */
export const NOT_YET = [
  ...['earlyRefresh', 'jitter', 'lock', 'minReplicas', 'onError', 'onUndelivered'],
  ...['staleIfError', 'staleWhileRevalidate'],
];
