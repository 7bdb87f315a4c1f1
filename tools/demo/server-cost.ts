import type { Redis } from 'ioredis';

/** What a server did, by its own statistics. A script's time holds that of the commands it calls. */
export interface ServerCost {
  calls(command: string): number;
  ms(command: string): number;
}

export async function serverCostOf(redis: Redis, work: () => Promise<unknown>): Promise<ServerCost> {
  const before = await statisticsOf(redis);
  await work();
  const after = await statisticsOf(redis);
  const since = (command: string, figure: 'calls' | 'us'): number =>
    (after.get(command)?.[figure] ?? 0) - (before.get(command)?.[figure] ?? 0);
  return { calls: (command) => since(command, 'calls'), ms: (command) => since(command, 'us') / 1_000 };
}

async function statisticsOf(redis: Redis): Promise<Map<string, { calls: number; us: number }>> {
  const lines = (await redis.info('commandstats')).matchAll(/cmdstat_(\S+):calls=(\d+),usec=(\d+)/g);
  return new Map([...lines].map(([, command, calls, us]) => [command!, { calls: Number(calls), us: Number(us) }]));
}
