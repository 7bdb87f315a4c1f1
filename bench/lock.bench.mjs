// What does a lock cost that is not contended, one after the other and 50 different ones at the same time, and how long does a
// hand-over to a waiter take? Beside redis-semaphore, which polls and has neither fencing tokens nor a queue: it takes a lock with
// SET NX and gives it back with a script of two commands. "bare requests" is what our two round trips cost on a bare client, with a
// script that does nothing and nothing to give back. Needs REDIS_URL: npm run bench bench/lock.bench.mjs
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import { LockService } from 'nestjs-redis-cache';
import { contest, median } from './contest.mjs';
import { openApp } from './open-cache.mjs';

const [one, other] = [await openApp(), await openApp()];
const [locks, others] = [one.app.get(LockService), other.app.get(LockService)];
const [redis, otherRedis] = [new Redis(one.url), new Redis(one.url)];

const HAND_OVERS = 150;
const HELD_MS = 20;

/** @param {Redis} client @param {string} name */
const mutexOf = (client, name) => new Mutex(client, name, { lockTimeout: 30_000, acquireTimeout: 10_000 });

const nothing = String(await redis.script('LOAD', 'return 1'));
/** @type {Record<string, (name: string) => Promise<void>>} */
const uncontended = {
  'redis-semaphore': async (name) => {
    const mutex = mutexOf(redis, name);
    await mutex.acquire();
    await mutex.release();
  },
  'bare requests': async (name) => {
    const [attempt, holders] = [randomUUID(), `bench:lock:locks:${name}`];
    await redis.evalsha(nothing, 2, holders, 'bench:lock-epoch:locks:', attempt, '30000 write 12345 host ', 'epoch');
    await redis.hdel(holders, attempt, 'call', 'call too');
  },
  ours: async (name) => {
    const lock = await locks.acquire(name);
    await lock.release();
  },
};

for (const atOnce of [1, 50]) {
  const contestants = Object.fromEntries(
    Object.entries(uncontended).map(([name, run]) => [
      name,
      (/** @type {number} */ at) => run(`uncontended-${at % atOnce}`),
    ]),
  );
  await contest(contestants, { perRound: 2_000, atOnce, rounds: 15, title: `acquire + release, ${atOnce} at once  ` });
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
