import type { RedisClock } from './redis-clock.js';
import type { Topology } from './topology.js';

/** The estimate of Redis's time does not outlive a sleep of the machine. Never rejects. */
export async function relearnTime(clock: RedisClock, topology: Topology): Promise<void> {
  clock.forget();
  for (const primary of topology.primaries()) {
    const startedAt = clock.start();
    const time = await primary.time().catch(() => undefined);
    if (time !== undefined) clock.observe(Number(time[0]) * 1_000 + Number(time[1]) / 1_000, startedAt);
  }
}
