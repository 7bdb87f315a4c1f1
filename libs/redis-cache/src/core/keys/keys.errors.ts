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

/** A key or pattern as a message may hold it: cut short, and without characters that a terminal would obey. */
export function shown(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
