import { setTimeout as pause } from 'node:timers/promises';

/** Waits until an assertion holds, and returns what it returns; after the deadline its own failure is thrown. */
export async function eventually<T>(assertion: () => T | Promise<T>, { withinMs = 5_000 } = {}): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await assertion();
    } catch (failure) {
      if (performance.now() > deadline) throw failure;
      await pause(10);
    }
  }
}
