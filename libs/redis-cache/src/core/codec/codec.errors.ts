import { RedisCacheError } from '../common/index.js';

/** Thrown when a value cannot be stored so that it comes back as it went in. Nothing was written. */
export class UnsupportedValueError extends RedisCacheError {
  readonly code = 'UNSUPPORTED_VALUE';

  constructor(
    /** Where in the value the trouble is, such as `$.items[3].price`. */
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`The value cannot be stored: ${path} ${problem}`, options);
  }
}

/** Stored bytes that cannot be read back: damaged, or written by another version. Inside the cache this is a miss. */
export class UndecodableError extends RedisCacheError {
  readonly code = 'UNDECODABLE';

  constructor(problem: string, options?: ErrorOptions) {
    super(`The stored bytes cannot be read: ${problem}`, options);
  }
}
