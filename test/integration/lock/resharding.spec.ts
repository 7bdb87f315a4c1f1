import { RedisConnection } from 'nestjs-redis-cache';
import { launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { MovingSlot } from '../../support/moving-slot.js';
import { type StartedLocks, startTwice } from './start-locks.js';

describe('locks while a slot moves', () => {
  let cluster: Awaited<ReturnType<typeof launchCluster>>;
  let apps: [StartedLocks, StartedLocks];

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true });
    const connection = {
      cluster: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
      commandTimeout: '10s',
    } as const;
    apps = await startTwice({ connection });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
    await cluster.stop();
  });

  async function beginMove(resource: string, hasMoved: (name: string) => boolean): Promise<MovingSlot> {
    const { topology } = apps[0].app.get(RedisConnection);
    const names = await Promise.all(topology.primaries().map((primary) => primary.keys(`*:${resource}`)));
    const slot = await MovingSlot.begin(topology, names.flat()[0]!);
    await slot.move(slot.names.filter(hasMoved));
    return slot;
  }

  it.each([
    ['nothing', () => false],
    ['the lock', (name: string) => name.includes(':lock:')],
    ['the epoch', (name: string) => name.includes(':lock-epoch:')],
    ['everything', () => true],
  ])('are given back, handed over and taken, as before, when %s has moved', async (moved, hasMoved) => {
    const [one, other] = apps;
    const alone = `alone while ${moved}`;
    const wanted = `wanted while ${moved}`;
    for (const resource of [alone, wanted]) {
      const lock = await one.locks.acquire(resource, { ttl: '20s' });
      const isWanted = resource === wanted;
      const waiting = isWanted ? other.locks.acquire(resource, { wait: '20s' }) : undefined;
      if (isWanted) await eventually(async () => expect((await one.locks.inspect(resource)).waiters).toHaveLength(1));
      const slot = await beginMove(resource, hasMoved);
      const before = one.events.length;
      const releasing = lock.release();
      if (!isWanted) await releasing; // one command on one key: wherever it is
      const taking = waiting ?? other.locks.acquire(resource, { wait: '20s' });
      // Between two places nothing more is decided: Redis says to try again.
      await slot.end();
      await releasing;
      expect(one.events.slice(before)).toEqual(['lock:released']);
      const next = await taking;
      expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
      await next.release();
    }
  });
});
