// What does a hit from the memory of the process cost over a bare lru-cache in an async function? Needs REDIS_URL:
// npm run bench bench/l1.bench.mjs
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { contest } from './contest.mjs';
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

await contest(
  {
    'lru-cache, bare': async () => bare.get('hit'),
    'cache.get, shared': () => cache.get('hit'),
    'cache.get, decoded': () => cache.get('cloned'),
    'cache.getOrSet, shared': () => cache.getOrSet('hit', () => value),
  },
  { perRound: 200_000, rounds: 15 },
);
const { hits, misses } = cache.l1 ?? { hits: 0, misses: 0 };
console.log(`of ${(hits + misses).toLocaleString('en')} reads ${hits.toLocaleString('en')} were answered from memory`);
await cache.deleteMany(['hit', 'cloned']);
await close();
