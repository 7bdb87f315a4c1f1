import { isRedisCacheError } from '../core/common/index.js';

/** Whether Redis has not, or perhaps not, done what was asked; not whether something impossible was asked. */
export function isLeftUndone(error: unknown): boolean {
  return isRedisCacheError(error) && !error.code.startsWith('INVALID_');
}
