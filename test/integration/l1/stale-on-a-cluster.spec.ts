import type { INestApplicationContext } from '@nestjs/common';
import { CacheService } from 'nestjs-redis-cache';
import { type Cluster, launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { untilCoherent, untilCopied, untilTold } from '../../support/until-coherent.js';

const KEYS = Array.from({ length: 30 }, (_, at) => `key:${at}`);

describe("onError: 'stale', while one primary of a cluster is away", () => {
  let cluster: Cluster;
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true, args: ['--cluster-require-full-coverage', 'no'] });
    app = await startApp({
      connection: { cluster: cluster.nodes.map(({ host, port }) => `${host}:${port}`), commandTimeout: '400ms' },
      keyPrefix: uniquePrefix(),
      cache: { l1: true, onError: 'stale' },
    });
    cache = app.get(CacheService);
    await untilCoherent(cache);
    for (const key of KEYS) {
      await untilTold(cache, () => cache.set(key, 'old', { ttl: '10m' }));
      await untilCopied(cache, key);
    }
  });
  afterAll(async () => {
    process.kill(cluster.nodes[0]!.pid!, 'SIGCONT');
    await app.close();
    await cluster.stop();
  });

  const readAll = async (): Promise<Map<string, unknown>> =>
    new Map(await Promise.all(KEYS.map(async (key) => [key, await cache.get(key)] as const)));

  it('copies answer for its keys, but for those evicted here; the others are asked', async () => {
    process.kill(cluster.nodes[0]!.pid!, 'SIGSTOP');
    await eventually(() => expect(cache.l1!.coherentSince).toBeUndefined(), { withinMs: 10_000 });
    expect(await readAll()).toEqual(new Map(KEYS.map((key) => [key, 'old'])));
    const { stale } = cache.l1!;
    expect(stale).toBeGreaterThan(2);
    expect(stale).toBeLessThan(KEYS.length);

    expect(await cache.invalidate({ keys: KEYS })).toMatchObject({ delivered: false });
    expect(await readAll()).toEqual(new Map(KEYS.map((key) => [key, undefined])));
    expect(cache.l1!.stale).toBe(stale);

    process.kill(cluster.nodes[0]!.pid!, 'SIGCONT');
    await eventually(() => expect(cache.health()).toMatchObject({ status: 'up', journal: { pending: 0 } }), {
      withinMs: 15_000,
    });
    await untilCoherent(cache);
    expect(await cache.getOrSet(KEYS[0]!, () => 'new')).toBe('new');
  });
});
