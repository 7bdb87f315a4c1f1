// What does storing with an index cost over a plain SET, with 0, 1 and 3 tags? Needs REDIS_URL:
// npm run bench bench/write.bench.mjs
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { openCache } from './open-cache.mjs';

const { cache, url, close } = await openCache();
const redis = new Redis(url, { enableAutoPipelining: true });
const value = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, text: 'x'.repeat(120) };
const text = JSON.stringify(value);

/** @type {Record<string, (at: number) => Promise<unknown>>} */
const contestants = {
  'plain SET': (at) => redis.set(`bench:plain:${process.pid}:${at}`, text, 'PX', 60_000),
  'cache.set': (at) => cache.set(`key:${at}`, value, { ttl: '1m' }),
  'cache.set, 1 tag': (at) => cache.set(`one:${at}`, value, { ttl: '1m', tags: [`tag:${at % 100}`] }),
  'cache.set, 3 tags': (at) =>
    cache.set(`three:${at}`, value, { ttl: '1m', tags: [`a:${at % 100}`, `b:${at % 1000}`, 'all'] }),
};

const ROUNDS = 7;
const PER_ROUND = 10_000;
const CONCURRENCY = 50;

/** @type {Map<string, number[]>} */
const perSecond = new Map(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, write] of Object.entries(contestants)) {
    const startedAt = performance.now();
    for (let at = 0; at < PER_ROUND; at += CONCURRENCY) {
      await Promise.all(Array.from({ length: CONCURRENCY }, (_, offset) => write(round * PER_ROUND + at + offset)));
    }
    if (round > 0) perSecond.get(name)?.push((PER_ROUND / (performance.now() - startedAt)) * 1_000);
  }
}

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const [plain = 1] = [...perSecond.values()].map(median);
for (const [name, rates] of perSecond) {
  console.log(
    `${name.padEnd(18)} ${Math.round(median(rates)).toLocaleString('en')} per second, ${(median(rates) / plain).toFixed(2)} ×`,
  );
}

await cache.clear();
await redis.quit();
await close();
