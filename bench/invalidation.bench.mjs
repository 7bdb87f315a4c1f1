// What does an invalidation of 5 keys among many cost, beside SCAN + UNLINK? Needs a Redis of its own, whose statistics
// it resets: npm run bench bench/invalidation.bench.mjs [keys, 1000000 by default]
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { openCache } from './open-cache.mjs';

const KEYS = Number(process.argv[2] ?? 1_000_000);
const { cache, url, keyPrefix, close } = await openCache();
const redis = new Redis(url);

for (let at = 0; at < KEYS; at += 2_000) {
  await cache.setMany(
    Array.from({ length: 2_000 }, (_, offset) => [`item:${at + offset}`, at]),
    { ttl: '10m' },
  );
}
console.log(`${(await redis.dbsize()).toLocaleString('en')} keys`);

const few = Array.from({ length: 5 }, (_, at) => /** @type {const} */ ([`few:${at}`, at]));
await cache.setMany(few, { tags: ['few'] });
await measure('pattern few:*', () => cache.invalidate('few:*'), 'evalsha');
await cache.setMany(few, { tags: ['few'] });
await measure('tag few', () => cache.invalidate({ tags: ['few'] }), 'evalsha');
await cache.setMany(few);
await measure('SCAN + UNLINK', scanAndUnlink, 'scan');
await measure('pattern item:1*', () => cache.invalidate('item:1*'), 'evalsha');

await cache.clear();
await redis.quit();
await close();

/** @param {string} title @param {() => Promise<unknown>} work @param {string} command whose server time is told */
async function measure(title, work, command) {
  await redis.config('RESETSTAT');
  const startedAt = performance.now();
  const result = await work();
  const ms = performance.now() - startedAt;
  const [, calls, usec] =
    new RegExp(`cmdstat_${command}:calls=(\\d+),usec=(\\d+)`).exec(await redis.info('commandstats')) ?? [];
  const server = `${calls} × ${command.toUpperCase()}, ${(Number(usec) / 1_000).toFixed(2)} ms in the server`;
  console.log(`${title.padEnd(16)} ${ms.toFixed(1)} ms; ${server}; ${JSON.stringify(result)}`);
}

async function scanAndUnlink() {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${keyPrefix}:cache:default:few:*`, 'COUNT', 1_000);
    cursor = next;
    if (keys.length > 0) removed += await redis.unlink(...keys);
  } while (cursor !== '0');
  return { removed };
}
