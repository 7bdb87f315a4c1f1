// What does a hit cost over a bare, auto-pipelined GET whose reply is decoded? Needs REDIS_URL:
// npm run bench bench/hit.bench.mjs
import { Redis } from 'ioredis';
import { createCodec } from './built-codec.mjs';
import { contest } from './contest.mjs';
import { openCache } from './open-cache.mjs';

const { cache, url, keyPrefix, close } = await openCache();
const codec = createCodec({ serializer: 'typed', classes: [] });
const redis = new Redis(url, { enableAutoPipelining: true });

const value = { id: 'p-1', name: 'Green tea', price: 4.5, stock: 120, tags: ['tea', 'green'], text: 'x'.repeat(120) };
await cache.set('hit', value);
await redis.set(`${keyPrefix}:bare`, JSON.stringify(value), 'PX', 600_000);

await contest(
  {
    'GET + decode': async () =>
      codec.read((await redis.getBuffer(`${keyPrefix}:cache:default:hit`)) ?? Buffer.alloc(0)).value,
    'GET + JSON.parse': async () => JSON.parse(String(await redis.get(`${keyPrefix}:bare`))),
    'cache.get': () => cache.get('hit'),
    'cache.getOrSet': () => cache.getOrSet('hit', () => value),
  },
  { perRound: 20_000, atOnce: 50, rounds: 15 },
);

await redis.unlink(`${keyPrefix}:bare`);
await cache.delete('hit');
await redis.quit();
await close();
