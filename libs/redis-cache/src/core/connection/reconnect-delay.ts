/** The pause before the next attempt to connect: from 50 ms, doubling, to two seconds. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt - 1, 6), 2_000) + Math.floor(Math.random() * 50);
}
