import { isRedisCacheError } from '../core/common/index.js';

/** Whether Redis has not, or perhaps not, done what was asked; not whether something impossible was asked. */
export function isLeftUndone(error: unknown): boolean {
  return isRedisCacheError(error) && !error.code.startsWith('INVALID_');
}

/** Whether a command that failed may have run all the same. */
export function mayHaveRun(error: unknown): boolean {
  return isRedisCacheError(error) && 'outcome' in error && error.outcome === 'unknown';
}
