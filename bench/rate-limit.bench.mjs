// What does a decision cost, beside rate-limiter-flexible on a client with the same options? Needs REDIS_URL:
// npm run bench bench/rate-limit.bench.mjs
import 'reflect-metadata';
import { performance } from 'node:perf_hooks';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { RateLimitService, RedisCacheModule } from 'nestjs-redis-cache';
import { RateLimiterRedis } from 'rate-limiter-flexible';

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
const refused = { name: 'refused', limit: 1, window: '10m' };
await blocking.consume('blocked').catch(() => undefined);

const rounds = {
  decisions: {
    'rate-limiter-flexible': () => peer.consume(nextSubject()),
    'fixed-window': ours({ name: 'fixed', limit: 1_000_000, algorithm: 'fixed-window' }),
    'sliding-window (log)': ours({ name: 'log', limit: 100 }),
    'sliding-window (parts)': ours({ name: 'parts', limit: 1_000_000 }),
    gcra: ours({ name: 'gcra', limit: 1_000_000, algorithm: 'gcra' }),
  },
  'blocked callers': {
    'rate-limiter-flexible': () => blocking.consume('blocked').catch(() => undefined),
    'denied here': () => limits.consume({ policy: /** @type {any} */ (refused), subject: 'blocked' }),
  },
};

const CONCURRENCY = 50;
/** @param {() => Promise<unknown>} work @param {number} batches */
async function perSecond(work, batches) {
  const startedAt = performance.now();
  for (let batch = 0; batch < batches; batch += 1) await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return (batches * CONCURRENCY) / ((performance.now() - startedAt) / 1_000);
}

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

for (const [title, contestants] of Object.entries(rounds)) {
  console.log(title);
  const rates = new Map(Object.keys(contestants).map((name) => [name, /** @type {number[]} */ ([])]));
  const batches = title === 'decisions' ? 100 : 1_000;
  for (let round = 0; round <= 9; round += 1) {
    for (const [name, work] of Object.entries(contestants)) {
      const rate = await perSecond(work, batches);
      if (round > 0) rates.get(name)?.push(rate); // the first round warms up
    }
  }
  const [bare = 1] = [...rates.values()].map(median);
  for (const [name, each] of rates) {
    console.log(
      `  ${name.padEnd(24)} ${Math.round(median(each)).toLocaleString('en')} per second, ${(median(each) / bare).toFixed(2)} ×`,
    );
  }
}

await redis.quit();
await app.close();
