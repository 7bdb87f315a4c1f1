import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

interface Disturbance {
  /** @param time how often it was done before, on all servers */
  readonly once: (redis: Redis, time: number) => Promise<unknown>;
  /** For each server the longest pause between two of them is as many times longer as there are servers. */
  readonly longestCalmMs: number;
}

/** Disturbs every server at random moments. @returns a function that ends it, and tells how often it was done */
export function disturb(urls: readonly string[], { once, longestCalmMs }: Disturbance): () => Promise<number> {
  let goesOn = true;
  let times = 0;
  const running = urls.map(async (url) => {
    const redis = new Redis(url);
    while (goesOn) {
      times += 1;
      await once(redis, times);
      await pause(Math.random() * longestCalmMs * urls.length);
    }
    redis.disconnect();
  });
  return async () => {
    goesOn = false;
    await Promise.all(running);
    return times;
  };
}
