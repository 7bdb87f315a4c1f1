import { isRedisCacheError } from '../core/common/index.js';
import type { UndeliveredEvictionError } from './cache.errors.js';

/**
 * Does work, and evicts when it has settled. An eviction that was not delivered hides neither what the work has returned
 * (the error has it as its `result`) nor what it has thrown.
 */
export async function keepingOutcome<T>(
  work: () => Promise<T>,
  {
    succeeded,
    failed,
  }: { readonly succeeded: (result: T) => Promise<unknown>; readonly failed: () => Promise<unknown> },
): Promise<T> {
  const result = await work().catch(async (error: unknown) => {
    await failed().catch((undelivered: unknown) => assertUndelivered(undelivered));
    throw error;
  });
  await succeeded(result).catch((error: unknown) => {
    throw assertUndelivered(error).with(result);
  });
  return result;
}

function assertUndelivered(error: unknown): UndeliveredEvictionError {
  if (!isRedisCacheError(error, 'UNDELIVERED_EVICTION')) throw error;
  return error as UndeliveredEvictionError;
}
