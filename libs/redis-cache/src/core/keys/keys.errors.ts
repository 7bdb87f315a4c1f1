import { RedisCacheError } from '../common/index.js';

/** A key, tag, namespace or prefix that would not keep its own place in Redis. */
export class InvalidKeyError extends RedisCacheError {
  readonly code = 'INVALID_KEY';

  constructor(problem: string) {
    super(problem);
  }
}

/** A glob pattern that cannot be read. */
export class InvalidPatternError extends RedisCacheError {
  readonly code = 'INVALID_PATTERN';

  constructor(
    readonly pattern: unknown,
    problem: string,
  ) {
    super(problem);
  }
}
