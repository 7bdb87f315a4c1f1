import { setTimeout as pause } from 'node:timers/promises';

/** Waits until an assertion holds; after the deadline its own failure is thrown. */
export async function eventually(assertion: () => unknown, { withinMs = 5_000 } = {}): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (failure) {
      if (performance.now() > deadline) throw failure;
      await pause(10);
    }
  }
}
