// What does storing with an index cost over a plain SET, with 0, 1 and 3 tags? Needs REDIS_URL:
// npm run bench bench/write.bench.mjs
import { Redis } from 'ioredis';
import { contest } from './contest.mjs';
import { openCache } from './open-cache.mjs';

const { cache, url, close } = await openCache();
const redis = new Redis(url, { enableAutoPipelining: true });
const value = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, text: 'x'.repeat(120) };
const text = JSON.stringify(value);

await contest(
  {
    'plain SET': (at) => redis.set(`bench:plain:${process.pid}:${at}`, text, 'PX', 60_000),
    'cache.set': (at) => cache.set(`key:${at}`, value, { ttl: '1m' }),
    'cache.set, 1 tag': (at) => cache.set(`one:${at}`, value, { ttl: '1m', tags: [`tag:${at % 100}`] }),
    'cache.set, 3 tags': (at) =>
      cache.set(`three:${at}`, value, { ttl: '1m', tags: [`a:${at % 100}`, `b:${at % 1000}`, 'all'] }),
  },
  { perRound: 10_000, atOnce: 50, rounds: 7 },
);

await cache.clear();
await redis.quit();
await close();
