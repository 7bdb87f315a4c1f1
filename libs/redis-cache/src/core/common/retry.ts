import { setTimeout as delay } from 'node:timers/promises';

export interface RetryPolicy {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** The pause before the second attempt; it doubles for each further one. */
  readonly delayMs: number;
}

/** A timer that is set for longer fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Tries again what has failed once, after errors that `mayPass`. The last error is the one that is thrown. */
export async function retryAfter<T>(
  failure: unknown,
  attempt: () => Promise<T>,
  { attempts, delayMs, mayPass }: RetryPolicy & { readonly mayPass: (error: unknown) => boolean },
): Promise<T> {
  let error = failure;
  for (let tried = 1; tried < attempts && mayPass(error); tried += 1) {
    await delay(Math.min(delayMs * 2 ** (tried - 1), LONGEST_DELAY_MS));
    try {
      return await attempt();
    } catch (again) {
      error = again;
    }
  }
  throw error;
}
