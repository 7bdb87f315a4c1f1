// What does a script cost that goes through the library, over a bare evalsha of ioredis? Needs REDIS_URL:
// npm run bench bench/script.bench.mjs
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { fencedSet, RedisConnection } from 'nestjs-redis-cache';
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

const ROUNDS = 15;
const PER_ROUND = 3_000;

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

for (const atOnce of [1, 50]) {
  /** @type {Map<string, number[]>} */
  const perSecond = new Map(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const startedAt = performance.now();
      for (let done = 0; done < PER_ROUND; done += atOnce) await Promise.all(Array.from({ length: atOnce }, run));
      const seconds = (performance.now() - startedAt) / 1_000;
      if (round > 0) perSecond.get(name)?.push(PER_ROUND / seconds); // the first round warms up
    }
  }
  const bares = perSecond.get('evalsha') ?? [];
  for (const [name, rates] of perSecond) {
    const ratio = median(rates.map((rate, round) => rate / (bares[round] ?? 1)));
    const rate = Math.round(median(rates)).toLocaleString('en');
    console.log(`${String(atOnce).padStart(2)} at once  ${name.padEnd(24)} ${rate} per second, ${ratio.toFixed(2)} ×`);
  }
}

await bare.unlink(hash);
bare.disconnect();
pipelined.disconnect();
await app.close();
