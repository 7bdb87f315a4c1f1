// What does a lock cost that is not contended, and how long does a hand-over to a waiter take? Beside redis-semaphore, which
// polls and has no fencing tokens. Needs REDIS_URL: npm run bench bench/lock.bench.mjs
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import { LockService } from 'nestjs-redis-cache';
import { openApp } from './open-cache.mjs';

const [one, other] = [await openApp(), await openApp()];
const [locks, others] = [one.app.get(LockService), other.app.get(LockService)];
const [redis, otherRedis] = [new Redis(one.url), new Redis(one.url)];

const PAIRS = 2_000;
const ROUNDS = 9;
const HAND_OVERS = 150;
const HELD_MS = 20;

/** @param {number[]} numbers */
const median = (numbers) => numbers.toSorted((low, high) => low - high)[Math.floor(numbers.length / 2)] ?? 0;

/** @param {Redis} client @param {string} name */
const mutexOf = (client, name) => new Mutex(client, name, { lockTimeout: 30_000, acquireTimeout: 10_000 });

const uncontended = {
  'redis-semaphore': async () => {
    const mutex = mutexOf(redis, 'uncontended');
    await mutex.acquire();
    await mutex.release();
  },
  ours: async () => {
    const lock = await locks.acquire('uncontended');
    await lock.release();
  },
};

/** @type {Record<string, number[]>} */
const rates = { 'redis-semaphore': [], ours: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, takeAndRelease] of Object.entries(uncontended)) {
    const startedAt = performance.now();
    for (let pair = 0; pair < PAIRS; pair += 1) await takeAndRelease();
    const perSecond = PAIRS / ((performance.now() - startedAt) / 1_000);
    if (round > 0) rates[name]?.push(perSecond); // the first round warms up
  }
}
const peer = median(rates['redis-semaphore'] ?? []);
for (const [name, some] of Object.entries(rates)) {
  const rate = median(some);
  console.log(
    `acquire + release  ${name.padEnd(16)} ${Math.round(rate).toLocaleString('en')} per second, ${(rate / peer).toFixed(2)} ×`,
  );
}

const handOver = {
  'redis-semaphore': async () => {
    const [holder, waiter] = [mutexOf(redis, 'hand-over'), mutexOf(otherRedis, 'hand-over')];
    await holder.acquire();
    const taken = waiter.acquire().then(() => performance.now());
    await pause(HELD_MS);
    const releasedAt = performance.now();
    await holder.release();
    const ms = (await taken) - releasedAt;
    await waiter.release();
    return ms;
  },
  ours: async () => {
    const holder = await locks.acquire('hand-over');
    const taken = others.acquire('hand-over').then((lock) => ({ lock, at: performance.now() }));
    await pause(HELD_MS);
    const releasedAt = performance.now();
    await holder.release();
    const { lock, at } = await taken;
    await lock.release();
    return at - releasedAt;
  },
};

for (const [name, measure] of Object.entries(handOver)) {
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < HAND_OVERS; round += 1) times.push(await measure());
  console.log(
    `hand-over          ${name.padEnd(16)} p50 ${median(times).toFixed(2)} ms, worst ${Math.max(...times).toFixed(2)} ms`,
  );
}

redis.disconnect();
otherRedis.disconnect();
await Promise.all([one.app.close(), other.app.close()]);
