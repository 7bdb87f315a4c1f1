import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import { type Cluster, launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';

const KEYS = Array.from({ length: 60 }, (_, at) => `key:${at}`);

describe('a cluster one primary of which is away', () => {
  let cluster: Cluster;
  let app: INestApplicationContext;
  let elsewhere: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true, args: ['--cluster-require-full-coverage', 'no'] });
    const connection = {
      cluster: cluster.nodes.map(({ host, port }) => `${host}:${port}`),
      commandTimeout: '400ms',
    } as const;
    app = await startApp({ connection, keyPrefix: 'outage' });
    elsewhere = await startApp({ connection, keyPrefix: 'outage' });
    cache = app.get(CacheService);
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await elsewhere.close();
    await cluster.stop();
  });

  /** Nobody votes while a primary sleeps: it comes back as what it was. */
  const sleeping = async (work: () => Promise<void>): Promise<void> => {
    const { pid } = cluster.nodes[0]!;
    process.kill(pid!, 'SIGSTOP');
    try {
      await work();
    } finally {
      process.kill(pid!, 'SIGCONT');
    }
  };

  it('answers for the keys of the others, and hears what it has missed when it is back', async () => {
    await Promise.all(KEYS.map((key) => cache.set(key, 'old', { tags: [`tag of ${key}`] })));
    const onFirst = await keysOn(cluster.nodes[0]!.url);
    expect(onFirst.length).toBeGreaterThan(3);
    const onOthers = KEYS.filter((key) => !onFirst.includes(key));
    const [own, others] = [onFirst.slice(0, 2), onOthers.slice(0, 2)];
    await sleeping(async () => {
      expect(await cache.invalidate({ keys: [...own, ...others] })).toEqual({ removed: 2, delivered: false });
      expect(cache.health().journal.pending).toBe(2);
      await eventually(async () => {
        await cache.getMany(onFirst);
        expect(cache.health().breaker).toBe('open');
      });
      expect((await cache.getMany(onOthers)).size).toBe(onOthers.length - others.length);
      expect(await cache.getMany(onFirst)).toEqual(new Map());
      expect(await cache.invalidate({ keys: onOthers.slice(2, 4) })).toEqual({ removed: 2, delivered: true });
    });
    await eventually(() => expect(cache.health()).toMatchObject({ status: 'up', journal: { pending: 0 } }), {
      withinMs: 15_000,
    });
    const other = elsewhere.get(CacheService);
    await eventually(async () => expect((await other.getMany(KEYS)).size).toBe(KEYS.length - 6), { withinMs: 15_000 });
    expect(await other.getMany([...own, ...others])).toEqual(new Map());
  }, 60_000);

  async function keysOn(url: string): Promise<string[]> {
    const client = new Redis(url);
    const found = await client.keys('outage:cache:default:*');
    client.disconnect();
    return found.map((key) => key.replace(/^.*}:/, ''));
  }
});
