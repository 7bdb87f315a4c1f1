import { setTimeout as delay } from 'node:timers/promises';

export interface RetryPolicy {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** The pause before the second attempt; it doubles for each further one. */
  readonly delayMs: number;
}

/** Tries again after errors that `mayPass`; the last error is the one that is thrown. */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { attempts, delayMs }: RetryPolicy,
  mayPass: (error: unknown) => boolean,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= attempts || !mayPass(error)) throw error;
      await delay(delayMs * 2 ** (tried - 1));
    }
  }
}
