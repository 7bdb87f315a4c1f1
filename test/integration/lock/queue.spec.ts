import { Redis } from 'ioredis';
import type { Lock } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { callsOf } from '../../support/server-statistics.js';
import { describeEachTopology } from '../../support/topologies.js';
import { type StartedLocks, startTwice } from './start-locks.js';

const PAIRS = 60;
/** More than could each be given a turn in the time of the test. */
const DEAD = 50;

describeEachTopology('the queue of a lock', ({ connection }) => {
  let apps: [StartedLocks, StartedLocks];

  beforeAll(async () => {
    apps = await startTwice({ connection });
  });
  afterAll(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
  });

  it('is first come, first served, across processes (L10)', async () => {
    const [{ locks }] = apps;
    const lock = await locks.acquire('fifo');
    const order: number[] = [];
    const waiting: Promise<void>[] = [];
    for (let at = 0; at <= PAIRS; at += 1) {
      const turn = apps[at % 2]!.locks.using('fifo', () => void order.push(at), { wait: '15s' });
      waiting.push(turn);
      await eventually(async () => expect((await locks.inspect('fifo')).waiters).toHaveLength(at + 1));
    }
    await lock.release();
    await Promise.all(waiting);
    expect(order).toEqual(Array.from({ length: PAIRS + 1 }, (_, at) => at));
  });

  it('is in the order of the calls of a process, also when it is given back between them', async () => {
    const [{ locks }] = apps;
    const order: number[] = [];
    for (let at = 0; at < PAIRS; at += 2) {
      const lock = await locks.acquire('between', { wait: '15s' });
      const first = locks.using('between', () => void order.push(at), { wait: '15s' });
      void lock.release();
      const second = locks.using('between', () => void order.push(at + 1), { wait: '15s' });
      await Promise.all([first, second]);
    }
    expect(order).toEqual(Array.from({ length: PAIRS }, (_, at) => at));
  });

  it('goes on when the holder dies, at the end of its ttl', async () => {
    const [{ locks }, other] = apps;
    await locks.acquire('orphan', { ttl: 500, renew: false });
    const results = await Promise.all([1, 2, 3].map((at) => other.locks.using('orphan', () => at, { wait: '5s' })));
    expect(results).toEqual([1, 2, 3]);
  });
});

describe('the queue of a lock on a server of its own', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let redis: Redis;
  let apps: [StartedLocks, StartedLocks];

  beforeEach(async () => {
    server = await launchServer({ quiet: true });
    redis = new Redis(server.url);
    apps = await startTwice({ connection: { url: server.url } });
    for (const { locks } of apps) await locks.using('warm', () => undefined);
  });
  afterEach(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
    redis.disconnect();
    await server.stop();
  });

  it('costs few commands: 20 who wait for a second (L10)', async () => {
    const [{ locks }, other] = apps;
    const lock = await locks.acquire('popular', { ttl: '20s' });
    const before = await callsOf(server.url, 'evalsha');
    const waiting = Array.from({ length: 20 }, () => other.locks.acquire('popular', { wait: '1s' }));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(20);
    expect((await callsOf(server.url, 'evalsha')) - before).toBeLessThanOrEqual(100);
    await lock.release();
  });

  it('is called by each who goes, whether he waited himself or not', async () => {
    const [{ locks }, other] = apps;
    const calls = () => callsOf(server.url, 'publish');
    const before = await calls();
    let holder = await locks.acquire('called', { ttl: '20s' });
    const waiting: Promise<Lock>[] = [];
    for (let at = 1; at <= 3; at += 1) {
      waiting.push(other.locks.acquire('called', { ttl: '20s', wait: '15s' }));
      await eventually(async () => expect((await locks.inspect('called')).waiters).toHaveLength(at));
    }
    for (const [at, next] of waiting.entries()) {
      await holder.release();
      expect((await calls()) - before).toBe(at + 1);
      holder = await next;
    }
    await holder.release();
  });

  it('is called by the next who goes when the one before has died in between', async () => {
    const [{ locks, keyPrefix }, other] = apps;
    const calls = () => callsOf(server.url, 'publish');
    const lock = await locks.acquire('half gone', { ttl: '20s' });
    const waiting: Promise<Lock>[] = [];
    for (let at = 1; at <= 2; at += 1) {
      waiting.push(other.locks.acquire('half gone', { ttl: '20s', wait: '15s' }));
      await eventually(async () => expect((await locks.inspect('half gone')).waiters).toHaveLength(at));
    }
    const holders = `${keyPrefix}:lock:locks:half gone`;
    const fields = await redis.hkeys(holders);
    await redis.hdel(holders, ...fields.filter((field) => !['fence', 'queue'].includes(field)));
    const first = await waiting[0]!;
    const before = await calls();
    await first.release();
    expect((await calls()) - before).toBe(1);
    await (await waiting[1]!).release();
    expect(lock.fencingToken).toBeLessThan(first.fencingToken);
    await lock.release();
  });

  it('is called by each who gives back a permit, also when the first of it does not come', async () => {
    const [{ locks, keyPrefix }, other] = apps;
    const deaf = redis.duplicate();
    await deaf.subscribe('listens and does nothing');
    const permits = await Promise.all([1, 2].map(() => locks.semaphore('seats', { permits: 2 }).acquire()));
    const waiter = `permit 2 ${Date.now() + 600_000} 1 PUBLISH 24 listens and does nothing1 h `;
    await redis.zadd(`${keyPrefix}:lock-queue:semaphores:seats`, 1, 'stopped');
    await redis.hset(`${keyPrefix}:lock-waiters:semaphores:seats`, 'stopped', waiter);
    const waiting = other.locks.semaphore('seats', { permits: 2 }).acquire({ wait: '15s' });
    const queued = () => redis.zcard(`${keyPrefix}:lock-queue:semaphores:seats`);
    await eventually(async () => expect(await queued()).toBe(2));
    const before = await callsOf(server.url, 'publish');
    for (const permit of permits) await permit.release();
    expect((await callsOf(server.url, 'publish')) - before).toBe(2);
    await (await waiting).release();
    deaf.disconnect();
  });

  it('skips those that have died in it', async () => {
    const [{ locks, keyPrefix }, other] = apps;
    const lock = await locks.acquire('graveyard', { ttl: '20s' });
    const queue = `${keyPrefix}:lock-queue:locks:graveyard`;
    const ends = Date.now() + 600_000;
    for (let at = 1; at <= DEAD; at += 1) {
      const channel = 'nobody listens';
      const waiter = `write 1 ${ends} 1 PUBLISH ${channel.length} ${channel}1 h `;
      await redis
        .multi()
        .zadd(queue, at, `dead ${at}`)
        .hset(`${keyPrefix}:lock-waiters:locks:graveyard`, `dead ${at}`, waiter)
        .exec();
    }
    const waiting = other.locks.acquire('graveyard', { wait: '15s' });
    await eventually(async () => expect((await locks.inspect('graveyard')).waiters).toHaveLength(DEAD + 1));
    await lock.release();
    const next = await waiting;
    next.assertHeld();
    await next.release();
  });

  it('goes on when the one whose turn it is does not come', async () => {
    const [{ locks, keyPrefix }, other] = apps;
    const deaf = redis.duplicate();
    await deaf.subscribe('listens and does nothing');
    const lock = await locks.acquire('stuck', { ttl: '20s' });
    const channel = 'listens and does nothing';
    const waiter = `write 1 ${Date.now() + 600_000} 1 PUBLISH ${channel.length} ${channel}1 h `;
    await redis.zadd(`${keyPrefix}:lock-queue:locks:stuck`, 1, 'stopped');
    await redis.hset(`${keyPrefix}:lock-waiters:locks:stuck`, 'stopped', waiter);
    const waiting = other.locks.acquire('stuck', { wait: '15s' });
    await eventually(async () => expect((await locks.inspect('stuck')).waiters).toHaveLength(2));
    await lock.release();
    expect(await locks.tryAcquire('stuck')).toBeNull(); // it is not free: it is somebody's turn
    await (await waiting).release();
    deaf.disconnect();
  });

  it('needs no message: waiters look for themselves', async () => {
    const [{ locks }, other] = apps;
    const lock = await locks.acquire('deaf', { ttl: '20s' });
    const waiting = other.locks.acquire('deaf', { wait: '15s' });
    await eventually(async () => expect((await locks.inspect('deaf')).waiters).toHaveLength(1));
    await redis.acl('SETUSER', 'default', 'resetchannels');
    await lock.release();
    await (await waiting).release();
  });
});
