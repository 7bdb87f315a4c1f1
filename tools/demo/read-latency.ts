import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';
import { count, median, milliseconds, millisecondsOf, quantile } from './figures.js';
import type { Finding } from './findings.js';
import type { Scale } from './scale.js';
import { serverCostOf } from './server-cost.js';

const LOAD_MS = 20;
const BARE_KEY = 'bare';
const PRODUCT = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, tags: ['tea', 'green'], text: 'x'.repeat(120) };

/** How long a read takes when its key is cold, and when it is cached: one read after the other. */
export async function readLatency(cache: CacheService, redis: Redis, scale: Scale): Promise<Finding[]> {
  let loads = 0;
  const load = async () => {
    loads += 1;
    await pause(LOAD_MS);
    return { ...PRODUCT, addedAt: new Date() };
  };
  const read = (at: number) => cache.getOrSet(`product:${at % scale.coldReads}`, load);
  const bareRead = async () => JSON.parse((await redis.get(BARE_KEY))!) as unknown;

  await cache.getOrSet('warm-up', () => 1); // connects and teaches the server its scripts
  const cold = await timesOf(scale.coldReads, read);
  const loadsOfCold = loads;
  await timesOf(scale.cachedReads / 10, read);
  let cached: number[] = [];
  const cost = await serverCostOf(redis, async () => (cached = await timesOf(scale.cachedReads, read)));
  await redis.set(BARE_KEY, JSON.stringify({ ...PRODUCT, addedAt: new Date() }));
  await timesOf(scale.cachedReads / 10, bareRead);
  const bare = await timesOf(scale.cachedReads, bareRead);

  const gets = cost.calls('get');
  const scripts = cost.calls('evalsha');
  return [
    {
      what: `cold read (the load takes ${LOAD_MS} ms)`,
      measured: `${spread(cold)}\n${count(loadsOfCold)} loads for ${count(cold.length)} reads`,
      promise: { text: 'one load each', kept: loadsOfCold === cold.length },
    },
    {
      what: 'cached read',
      measured: `${spread(cached)}\n${count(gets)} GET for ${count(cached.length)} reads`,
      promise: {
        text: 'one GET each',
        kept: gets === cached.length && scripts === 0 && loads === loadsOfCold,
      },
    },
    { what: '  beside it: bare GET + JSON.parse', measured: spread(bare) },
  ];
}

async function timesOf(times: number, work: (at: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < times; at += 1) all.push(await millisecondsOf(() => work(at)));
  return all;
}

function spread(times: readonly number[]): string {
  return `${milliseconds(median(times))}, 99 % within ${milliseconds(quantile(times, 0.99))}`;
}
