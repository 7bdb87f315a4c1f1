// What does it cost to read a session and keep it alive, beside connect-redis (get, then touch), one after the other and 50 at
// the same time? connect-redis sits on node-redis, which costs less than ioredis where many commands are under way. "EVALSHA" is
// what a round trip costs on a bare ioredis with a script that does nothing. Needs REDIS_URL:
// npm run bench bench/session.bench.mjs
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RedisStore } from 'connect-redis';
import { Redis } from 'ioredis';
import { RedisCacheModule, SessionService } from 'nestjs-redis-cache';
import { createClient } from 'redis';
import { contest } from './contest.mjs';

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
const bare = new Redis(url);
const nothing = String(await bare.script('LOAD', 'return 1'));
const store = new RedisStore({ client, prefix: `${keyPrefix}:connect:` });

const data = { name: 'Ada', cart: ['tea', 'cup', 'pot'], locale: 'en', visits: 12, text: 'x'.repeat(120) };
const { token } = await usual.get(SessionService).create({ userId: 'ada', data });
const theirs = /** @type {any} */ ({ cookie: { originalMaxAge: 1_800_000, maxAge: 1_800_000 }, user: 'ada', ...data });
await store.set('sid', theirs);
const [session = ''] = await bare.keys(`${keyPrefix}:session:id:*`);

/** @type {Record<string, () => Promise<unknown>>} */
const contestants = {
  'connect-redis get + touch': async () => {
    const read = /** @type {any} */ (await store.get('sid'));
    await store.touch('sid', read);
  },
  EVALSHA: () => bare.evalsha(nothing, 1, session, 'id', 1, 2),
  'sessions.get': () => usual.get(SessionService).get(token),
  'sessions.get, touchInterval: 0': () => everyTime.get(SessionService).get(token),
};

for (const atOnce of [1, 50]) await contest(contestants, { perRound: 3_000, atOnce, title: `${atOnce} at once  ` });

await usual.get(SessionService).destroyAll('ada');
await store.destroy('sid');
await client.close();
await bare.quit();
await usual.close();
await everyTime.close();
