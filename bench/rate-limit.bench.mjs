// What does a decision cost, beside rate-limiter-flexible on a client with the same options? Needs REDIS_URL:
// npm run bench bench/rate-limit.bench.mjs
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { RateLimitService, RedisCacheModule } from 'nestjs-redis-cache';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { contest } from './contest.mjs';

const url = process.env.REDIS_URL;
if (!url) throw new Error('REDIS_URL is not set: npm run bench bench/rate-limit.bench.mjs');
const keyPrefix = `bench-${process.pid}`;
class BenchModule {}
Module({ imports: [RedisCacheModule.forRoot({ connection: { url }, keyPrefix, rateLimit: { timeout: '5s' } })] })(
  BenchModule,
);
const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
const limits = app.get(RateLimitService);
const redis = new Redis(url, { enableAutoPipelining: true });

const SUBJECTS = 500;
let requests = 0;
const nextSubject = () => `subject-${(requests += 1) % SUBJECTS}`;

/** @param {Omit<import('nestjs-redis-cache').RateLimitPolicy, 'window'>} given */
const ours = (given) => {
  /** @type {import('nestjs-redis-cache').RateLimitPolicy} */
  const policy = { window: '10m', ...given };
  return () => limits.consume({ policy, subject: nextSubject() });
};
const options = { storeClient: redis, keyPrefix: `${keyPrefix}-peer`, duration: 600 };
const peer = new RateLimiterRedis({ ...options, points: 1_000_000 });
const blocking = new RateLimiterRedis({
  ...options,
  keyPrefix: `${keyPrefix}-blocking`,
  points: 1,
  inMemoryBlockOnConsumed: 2,
});
const nothing = String(await redis.script('LOAD', 'return 1'));
const refused = { name: 'refused', limit: 1, window: '10m' };
await blocking.consume('blocked').catch(() => undefined);

const decisions = {
  'rate-limiter-flexible': () => peer.consume(nextSubject()),
  'a script that does nothing': () => redis.evalsha(nothing, 1, nextSubject()),
  'fixed-window': ours({ name: 'fixed', limit: 1_000_000, algorithm: 'fixed-window' }),
  'sliding-window (log)': ours({ name: 'log', limit: 100 }),
  'sliding-window (parts)': ours({ name: 'parts', limit: 1_000_000 }),
  gcra: ours({ name: 'gcra', limit: 1_000_000, algorithm: 'gcra' }),
};
const blockedCallers = {
  'rate-limiter-flexible': () => blocking.consume('blocked').catch(() => undefined),
  'denied here': () => limits.consume({ policy: /** @type {any} */ (refused), subject: 'blocked' }),
};
await contest(decisions, { perRound: 5_000, atOnce: 50, title: 'decision        ' });
await contest(blockedCallers, { perRound: 50_000, atOnce: 50, title: 'blocked caller  ' });

await redis.quit();
await app.close();
