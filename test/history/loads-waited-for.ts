import type { Interval } from './workers/interval.js';

/**
 * How many loads, one after the other, somebody has waited for. Of loads that overlap one counts: who waits, waits for
 * them at the same time.
 */
export function loadsWaitedFor({ fromUs, toUs }: Interval, loads: readonly Interval[]): number {
  const during = loads.filter((load) => load.fromUs >= fromUs && load.toUs <= toUs).sort((a, b) => a.toUs - b.toUs);
  let count = 0;
  let endOfLast = fromUs;
  for (const load of during) {
    if (load.fromUs < endOfLast) continue;
    count += 1;
    endOfLast = load.toUs;
  }
  return count;
}
