import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { LockService } from 'nestjs-redis-cache';
import { launchServers } from '../../../tools/redis/index.mjs';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { aborted } from './start-locks.js';

describe('a lock that a majority of servers grants', () => {
  let servers: Awaited<ReturnType<typeof launchServers>>;
  let apps: INestApplicationContext[];
  let one: LockService;
  let other: LockService;

  beforeEach(async () => {
    servers = await launchServers(3, { quiet: true });
    const keyPrefix = uniquePrefix();
    const [a, b, c] = servers.map(({ url }) => ({ url, commandTimeout: 5_000 }));
    const connections = { default: a!, b: b!, c: c! };
    const lock = { quorum: ['default', 'b', 'c'], afterDataLoss: 'grant' } as const;
    apps = await Promise.all([1, 2].map(() => startApp({ connections, keyPrefix, lock })));
    [one, other] = apps.map((app) => app.get(LockService)) as [LockService, LockService];
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('is held by one at a time, also while all ask at once', async () => {
    let inside = 0;
    let mostInside = 0;
    const work = async (): Promise<void> => {
      mostInside = Math.max(mostInside, (inside += 1));
      await pause(2);
      inside -= 1;
    };
    await Promise.all(
      Array.from({ length: 10 }, (_, at) => [one, other][at % 2]!.using('crowd', work, { wait: '15s' })),
    );
    expect(mostInside).toBe(1);
    const lock = await one.acquire('held');
    expect(await other.tryAcquire('held')).toBeNull();
    await lock.release();
    await (await other.acquire('held')).release();
  });

  it('does not wait for a server that hangs, and is renewed and released without it (L11)', async () => {
    process.kill(servers[0]!.pid!, 'SIGSTOP');
    const lock = await one.acquire('hanging', { ttl: 2_000, wait: 0 });
    expect(lock.remainingMs()).toBeGreaterThan(1_000);
    await lock.extend(2_000);
    await pause(2_500);
    lock.assertHeld();
    expect(await other.tryAcquire('hanging')).toBeNull();
    await lock.release();
    process.kill(servers[0]!.pid!, 'SIGCONT');
    await (await other.acquire('hanging', { wait: '5s' })).release();
  });

  it('is no semaphore: three could each have two of three servers, of which none gives more than two permits', () => {
    expect(() => one.semaphore('exports', { permits: 2 })).toThrow('lock.quorum');
  });

  it('is lost when a majority is', async () => {
    const lock = await one.acquire('minority', { ttl: 1_000 });
    await Promise.all([servers[0]!.kill(), servers[1]!.kill()]);
    expect(await aborted(lock.signal)).toMatchObject({ code: 'LOCK_LOST' });
    await expect(other.acquire('another', { wait: 0 })).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
  });
});
