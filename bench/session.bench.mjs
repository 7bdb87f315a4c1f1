// What does it cost to read a session and keep it alive, beside connect-redis (get, then touch)? Needs REDIS_URL:
// npm run bench bench/session.bench.mjs
import 'reflect-metadata';
import { performance } from 'node:perf_hooks';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisStore } from 'connect-redis';
import { RedisCacheModule, SessionService } from 'nestjs-redis-cache';
import { createClient } from 'redis';

const url = process.env.REDIS_URL;
if (!url) throw new Error('REDIS_URL is not set: npm run bench bench/session.bench.mjs');
const keyPrefix = `bench-${process.pid}`;
/** @param {number | undefined} touchInterval */
async function open(touchInterval) {
  class BenchModule {}
  const session = touchInterval === undefined ? {} : { touchInterval };
  Module({ imports: [RedisCacheModule.forRoot({ connection: { url: String(url) }, keyPrefix, session })] })(
    BenchModule,
  );
  return NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
}
const [usual, everyTime] = [await open(undefined), await open(0)];
const client = createClient({ url });
await client.connect();
const store = new RedisStore({ client, prefix: `${keyPrefix}:connect:` });

const data = { name: 'Ada', cart: ['tea', 'cup', 'pot'], locale: 'en', visits: 12, text: 'x'.repeat(120) };
const { token } = await usual.get(SessionService).create({ userId: 'ada', data });
const theirs = /** @type {any} */ ({ cookie: { originalMaxAge: 1_800_000, maxAge: 1_800_000 }, user: 'ada', ...data });
await store.set('sid', theirs);

/** @type {Record<string, () => Promise<unknown>>} */
const contestants = {
  'connect-redis get + touch': async () => {
    const read = /** @type {any} */ (await store.get('sid'));
    await store.touch('sid', read);
  },
  'sessions.get': () => usual.get(SessionService).get(token),
  'sessions.get, touchInterval: 0': () => everyTime.get(SessionService).get(token),
};

const CONCURRENCY = 50;
const ROUNDS = 9;
const PER_ROUND = 200;

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
const [peer = 1] = [...perSecond.values()].map(median);
for (const [name, rates] of perSecond) {
  const rate = Math.round(median(rates)).toLocaleString('en');
  console.log(`${name.padEnd(32)} ${rate} per second, ${(median(rates) / peer).toFixed(2)} ×`);
}

await usual.get(SessionService).destroyAll('ada');
await store.destroy('sid');
await client.close();
await usual.close();
await everyTime.close();
