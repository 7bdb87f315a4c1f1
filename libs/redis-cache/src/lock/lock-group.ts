import type { Lock } from './lock.js';
import type { Wanted } from './lock-attempts.js';

/** Locks of several resources, held together. Each is a lock of its own: they are not taken or lost in one step. */
export class LockGroup implements AsyncDisposable {
  /** Aborts when the first of them is lost. */
  readonly signal: AbortSignal;

  /** @internal */
  constructor(
    /** In the order in which they were taken: that of their names. */
    readonly locks: readonly Lock[],
  ) {
    this.signal = AbortSignal.any(locks.map(({ signal }) => signal));
  }

  /** Whether all of them are held. */
  get isHeld(): boolean {
    return this.locks.every(({ isHeld }) => isHeld);
  }

  /** For how many milliseconds all of them are certainly held from now, unless they are prolonged. */
  remainingMs(): number {
    return Math.min(...this.locks.map((lock) => lock.remainingMs()));
  }

  /** @throws LockLostError when one of them is lost or was released */
  assertHeld(): void {
    for (const lock of this.locks) lock.assertHeld();
  }

  /** Gives all of them back; it never rejects. */
  async release(): Promise<void> {
    await Promise.all(this.locks.map((lock) => lock.release()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/**
 * Takes several, one after the other in the order of their names, so that two who want the same ones never wait for each
 * other. All are given back when one is not to be had within what is left of the wait.
 */
export async function takeInOrder(
  wanted: readonly Wanted[],
  take: (wanted: Wanted, waitMs: number) => Promise<Lock>,
): Promise<LockGroup> {
  const startedAt = performance.now();
  const taken: Lock[] = [];
  try {
    for (const one of inOrder(wanted)) {
      const waitMs = Math.max(0, one.waitMs - (performance.now() - startedAt));
      taken.push(await take(one, waitMs));
    }
    const group = new LockGroup(taken);
    group.assertHeld();
    return group;
  } catch (error) {
    await new LockGroup(taken).release();
    throw error;
  }
}

function inOrder(wanted: readonly Wanted[]): Wanted[] {
  const byResource = new Map(wanted.map((one) => [one.resource, one]));
  return [...byResource.keys()].sort().map((resource) => byResource.get(resource)!);
}
