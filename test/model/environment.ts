import type { Random } from './random.js';
import { KEYS } from './database.js';
import { BUCKET, TTL_MS, type World } from './world.js';

const { index, log, entryHead, leaseHead } = BUCKET;

/** What happens to Redis behind everybody's back. */
export const EVENTS = {
  index: (world: World) => world.redis.unlink(index),
  log: (world: World) => world.redis.unlink(log),
  entry: (world: World, key: string) => world.redis.unlink(entryHead + key),
  lease: (world: World, key: string) => world.redis.unlink(leaseHead + key),
  flush: (world: World) => world.redis.flushdb(),
} satisfies Record<string, (world: World, key: string) => Promise<unknown>>;

export type Event = keyof typeof EVENTS | 'renewal';

/** Redis evicts and forgets, and timers renew leases, as often as `events` has elements at the most. */
export function environment(world: World, events: readonly Event[], random: Random): void {
  world.schedule.agent('environment', async () => {
    for (const event of events) {
      const key = random.oneOf(KEYS);
      if (event === 'renewal') await renew(world, random);
      else await world.schedule.turn<unknown>(`evicts ${event}`, () => EVENTS[event](world, key), { detail: key });
    }
  });
}

/** A lease that was granted at some time is renewed, held or not. */
async function renew({ processes, schedule }: World, random: Random): Promise<void> {
  await schedule.turn('timer');
  const { connection, entries } = random.oneOf(processes);
  if (connection.grants.length === 0) return;
  const { key, token } = random.oneOf(connection.grants);
  await entries.renew(key, token, TTL_MS);
}
