import { refuse } from '../core/common/index.js';

/** So many commands are under way at once: the deadline of each begins when it is sent, not when its turn comes. */
const COMMANDS_AT_ONCE = 500;

/**
 * Does the same for many, batch by batch. All of them are tried before the first failure is thrown: no work goes on
 * behind the caller's back.
 */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result> | Result,
  { atOnce }: { readonly atOnce: number } = { atOnce: COMMANDS_AT_ONCE },
): Promise<Result[]> {
  const results: (Promise<Result> | Result)[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    const batch = items.slice(at, at + atOnce).map(work);
    results.push(...batch);
    await Promise.allSettled(batch);
  }
  return Promise.all(results);
}

/** Each key once. A text is iterable too, but hardly meant as the list of its characters. */
export function distinct(keys: Iterable<string>): string[] {
  return typeof keys === 'string' ? refuse('keys', 'several keys, such as an array', keys) : [...new Set(keys)];
}
