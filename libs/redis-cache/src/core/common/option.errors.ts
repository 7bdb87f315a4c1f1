import { RedisCacheError } from './redis-cache.error.js';

/** Thrown at boot (or when an option is passed to a call): an option has a value we cannot honour. */
export class InvalidOptionError extends RedisCacheError {
  readonly code = 'INVALID_OPTION';

  constructor(
    readonly option: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${option}: ${problem}`, options);
  }
}

/** Thrown at boot: the option belongs to a feature this version does not have. It is refused rather than ignored. */
export class NotAvailableYetError extends RedisCacheError {
  readonly code = 'NOT_AVAILABLE_YET';

  constructor(readonly option: string) {
    super(
      `${option} is not available yet in this version of nestjs-redis-cache. Remove it: ignoring it would be unsafe.`,
    );
  }
}
