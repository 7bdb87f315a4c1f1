const BRAND = Symbol.for('nestjs-redis-cache:error');

/**
 * Every error this library throws. `code` is stable across versions; `message` says what was expected, what came
 * and the way out; `cause` holds the error below it, when there is one.
 */
export abstract class RedisCacheError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    brand(this);
  }
}

/** For errors of this library that have to be of another class, such as one that Nest answers with a status. */
export function brand(error: Error): void {
  Object.defineProperty(error, BRAND, { value: true });
}

/**
 * Tells an error of this library from any other, and one code from another. Use it in place of `instanceof`, which
 * fails when an application holds two copies of the package.
 *
 * @example
 * if (isRedisCacheError(error, 'COMMAND_TIMEOUT')) return fallback;
 */
export function isRedisCacheError<Code extends string>(
  error: unknown,
  code?: Code,
): error is RedisCacheError & { readonly code: Code } {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}
