// What does a script cost that goes through the library, over a bare evalsha of ioredis? Needs REDIS_URL:
// npm run bench bench/script.bench.mjs
import { Redis } from 'ioredis';
import { fencedSet, RedisConnection } from 'nestjs-redis-cache';
import { contest } from './contest.mjs';
import { openApp } from './open-cache.mjs';

const { app, url, keyPrefix } = await openApp();
const connection = app.get(RedisConnection);
const [bare, pipelined] = [new Redis(url), new Redis(url, { enableAutoPipelining: true })];
const hash = `${keyPrefix}:script`;
await connection.run(fencedSet, { hash }, { fencingToken: 1, field: 'field', value: 'value' }); // loads it
const { sha1 } = fencedSet;

/** @type {Record<string, () => Promise<unknown>>} */
const contestants = {
  evalsha: () => bare.evalsha(sha1, 1, hash, 1, 'field', 'value'),
  'evalsha, auto-pipelined': () => pipelined.evalsha(sha1, 1, hash, 1, 'field', 'value'),
  'connection.run': () => connection.run(fencedSet, { hash }, { fencingToken: 1, field: 'field', value: 'value' }),
};

for (const atOnce of [1, 50])
  await contest(contestants, { perRound: 3_000, atOnce, rounds: 15, title: `${atOnce} at once  ` });

await bare.unlink(hash);
bare.disconnect();
pipelined.disconnect();
await app.close();
