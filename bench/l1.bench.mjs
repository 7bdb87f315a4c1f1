// What does a hit from the memory of the process cost over a bare lru-cache in an async function? Needs REDIS_URL:
// npm run bench bench/l1.bench.mjs
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { openCache } from './open-cache.mjs';

const { cache, close } = await openCache({ l1: true });
const value = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, tags: ['tea', 'green'], text: 'x'.repeat(120) };
await cache.set('hit', value);
await cache.set('cloned', { ...value, since: new Date(0) });
const bare = new LRUCache({ max: 10_000 });
bare.set('hit', value);
while (cache.l1?.coherentSince === undefined) await pause(10);
for (const key of ['hit', 'cloned']) {
  while ((await cache.explain(key)).tier !== 'l1') await cache.get(key);
}

/** @type {Record<string, () => Promise<unknown>>} */
const contestants = {
  'lru-cache, bare': async () => bare.get('hit'),
  'cache.get, shared': () => cache.get('hit'),
  'cache.get, decoded': () => cache.get('cloned'),
  'cache.getOrSet, shared': () => cache.getOrSet('hit', () => value),
};

const ROUNDS = 15;
const PER_ROUND = 200_000;

/** @type {Map<string, number[]>} */
const perSecond = new Map(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, read] of Object.entries(contestants)) {
    const startedAt = performance.now();
    for (let time = 0; time < PER_ROUND; time += 1) await read();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (round > 0) perSecond.get(name)?.push(PER_ROUND / seconds); // the first round warms up
    await pause(5); // loops of microtasks alone would starve the heartbeat
  }
}

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const [first = 1] = [...perSecond.values()].map(median);
for (const [name, rates] of perSecond) {
  console.log(
    `${name.padEnd(24)} ${Math.round(median(rates)).toLocaleString('en')} per second, ${(median(rates) / first).toFixed(2)} ×`,
  );
}
const { hits, misses } = cache.l1 ?? { hits: 0, misses: 0 };
console.log(`of ${(hits + misses).toLocaleString('en')} reads ${hits.toLocaleString('en')} were answered from memory`);
await cache.deleteMany(['hit', 'cloned']);
await close();
