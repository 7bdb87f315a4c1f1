// What does a hit cost over a bare, auto-pipelined GET whose reply is decoded? Needs REDIS_URL:
// npm run bench bench/hit.bench.mjs
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { createCodec } from './built-codec.mjs';
import { openCache } from './open-cache.mjs';

const { cache, url, keyPrefix, close } = await openCache();
const codec = createCodec({ serializer: 'typed', classes: [] });
const redis = new Redis(url, { enableAutoPipelining: true });

const value = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, tags: ['tea', 'green'], text: 'x'.repeat(120) };
await cache.set('hit', value);
await redis.set(`${keyPrefix}:bare`, JSON.stringify(value), 'PX', 600_000);

const contestants = {
  'GET + decode': async () =>
    codec.read((await redis.getBuffer(`${keyPrefix}:cache:default:hit`)) ?? Buffer.alloc(0)).value,
  'GET + JSON.parse': async () => JSON.parse(String(await redis.get(`${keyPrefix}:bare`))),
  'cache.get': () => cache.get('hit'),
  'cache.getOrSet': () => cache.getOrSet('hit', () => value),
};

const CONCURRENCY = 50;
const ROUNDS = 15;
const PER_ROUND = 400;

/** @type {Map<string, number[]>} */
const perSecond = new Map(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, read] of Object.entries(contestants)) {
    const startedAt = performance.now();
    for (let batch = 0; batch < PER_ROUND; batch += 1) await Promise.all(Array.from({ length: CONCURRENCY }, read));
    const seconds = (performance.now() - startedAt) / 1_000;
    if (round > 0) perSecond.get(name)?.push((PER_ROUND * CONCURRENCY) / seconds); // the first round warms up
  }
}

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const [bare = 1] = [...perSecond.values()].map(median);
for (const [name, rates] of perSecond) {
  console.log(
    `${name.padEnd(18)} ${Math.round(median(rates)).toLocaleString('en')} per second, ${(median(rates) / bare).toFixed(2)} ×`,
  );
}

await redis.unlink(`${keyPrefix}:bare`);
await cache.delete('hit');
await redis.quit();
await close();
