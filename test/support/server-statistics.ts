import { Redis } from 'ioredis';

/** How often a server has run a command. Reads statistics: only for a server the test started itself. */
export async function callsOf(url: string, command: string): Promise<number> {
  const statistics = await ask(url, (redis) => redis.info('commandstats'));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(statistics)?.[1] ?? 0);
}

/** The addresses of the clients a server has now, other than the one that asks. */
export async function clientsOf(url: string): Promise<string[]> {
  const [list, own] = await ask(url, (redis) => Promise.all([redis.client('LIST'), redis.client('ID')]));
  return String(list)
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith(`id=${own} `))
    .map((line) => /addr=(\S+)/.exec(line)![1]!);
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true });
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
