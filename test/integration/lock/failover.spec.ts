import { Redis } from 'ioredis';
import { fencedSet, RedisConnection } from 'nestjs-redis-cache';
import { launchServers } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { uniquePrefix } from '../../support/test-app.js';
import { type StartedLocks, startLocks } from './start-locks.js';

/** An hour ahead, in microseconds, as a server would count whose clock is wrong. */
const HOUR_US = 3_600_000_000;

/** What a lock in one Redis cannot be safe from, and what its tokens are for (L14). */
describe('locks on a Redis whose replica takes over', () => {
  let servers: Awaited<ReturnType<typeof launchServers>>;
  let primary: Redis;
  let replica: Redis;
  let before: StartedLocks;
  let after: StartedLocks;

  beforeEach(async () => {
    servers = await launchServers(2, { quiet: true });
    [primary, replica] = servers.map(({ url }) => new Redis(url)) as [Redis, Redis];
    await replica.replicaof('127.0.0.1', servers[0]!.port);
    await eventually(async () => expect(await replica.info('replication')).toContain('master_link_status:up'), {
      withinMs: 15_000,
    });
    const keyPrefix = uniquePrefix();
    [before, after] = (await Promise.all(servers.map(({ url }) => startLocks({ connection: { url }, keyPrefix })))) as [
      StartedLocks,
      StartedLocks,
    ];
  });
  afterEach(async () => {
    await Promise.all([before, after].map(({ app }) => app.close()));
    primary.disconnect();
    replica.disconnect();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('may be held twice when it had not heard of them; what checks tokens refuses the first of the two', async () => {
    await replica.replicaof('NO', 'ONE');
    const [lost, lock] = [await before.locks.acquire('sold'), await after.locks.acquire('sold', { wait: 0 })];
    expect([lost.isHeld, lock.isHeld]).toEqual([true, true]);
    expect(lock.fencingToken).toBeGreaterThan(lost.fencingToken);
    const database = before.app.get(RedisConnection);
    const write = ({ fencingToken }: { readonly fencingToken: number }, value: string) =>
      database.run(fencedSet, { hash: `${before.keyPrefix}-rows` }, { fencingToken, field: 'sold to', value });
    expect(await write(lost, 'somebody')).toBe(true);
    expect(await write(lock, 'Ada')).toBe(true);
    expect(await write(lost, 'somebody else')).toBe(false);
    expect(await primary.hget(`${before.keyPrefix}-rows`, 'sold to')).toBe('Ada');
  });

  it('go on with tokens that grow, although its clock is behind', async () => {
    const time = await primary.time();
    const ahead = Number(time[0]) * 1_000_000 + HOUR_US;
    await primary.hset(`${before.keyPrefix}:lock:locks:ahead`, 'fence', ahead);
    const earlier = await before.locks.acquire('ahead');
    expect(earlier.fencingToken).toBeGreaterThan(ahead);
    await earlier.release();
    expect(await primary.wait(1, 5_000)).toBe(1);
    await replica.replicaof('NO', 'ONE');
    const later = await after.locks.acquire('ahead', { wait: 0 });
    expect(later.fencingToken).toBeGreaterThan(earlier.fencingToken);
  });
});
