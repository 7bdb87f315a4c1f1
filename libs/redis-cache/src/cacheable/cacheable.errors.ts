import { messageOf, RedisCacheError } from '../core/common/index.js';

/** A function among the options of a decorator has thrown. `cause` is what it threw. */
export class CacheCallbackError extends RedisCacheError {
  readonly code = 'CACHE_CALLBACK_FAILED';

  /** @param option such as `ProductsRepository.find @Cacheable.key` */
  constructor(
    readonly option: string,
    cause: unknown,
  ) {
    super(`${option} has thrown: ${messageOf(cause)}`, { cause });
  }
}

/** A key cannot be made of what a decorated method was called with. */
export class UnsupportedArgumentError extends RedisCacheError {
  readonly code = 'UNSUPPORTED_ARGUMENT';

  /** @param method such as `ProductsRepository.find` @param index of the argument, from 0 */
  constructor(
    readonly method: string,
    readonly index: number,
    problem: string,
  ) {
    super(`${method}: argument ${index} ${problem}`);
  }
}

/** What the results of a method vary by is not known here. Without it one would get what is another's. */
export class MissingContextError extends RedisCacheError {
  readonly code = 'MISSING_CONTEXT';

  /** @param method such as `ProductsRepository.find` @param missing such as `tenant` */
  constructor(
    readonly method: string,
    readonly missing: string,
  ) {
    super(
      `${method} varies by "${missing}", which is undefined here. Call it where "${missing}" is known, ` +
        'or let varyBy return null for those who have none.',
    );
  }
}
