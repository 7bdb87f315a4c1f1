import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CacheService, type ConnectionOptions } from 'nestjs-redis-cache';
import { launchCluster, launchServers, type Server } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

interface Replicated {
  readonly connection: ConnectionOptions;
  readonly replicas: readonly Server[];
  stop(): Promise<unknown>;
}

async function replicatedServer(): Promise<Replicated> {
  const [primary, replica] = (await launchServers(2, { quiet: true })) as [Server, Server];
  const redis = new Redis(replica.url);
  await redis.replicaof('127.0.0.1', primary.port);
  await eventually(async () => expect(await redis.info('replication')).toContain('master_link_status:up'), {
    withinMs: 15_000,
  });
  redis.disconnect();
  const stop = () => Promise.all([primary, replica].map((server) => server.stop()));
  return { connection: { url: primary.url }, replicas: [replica], stop };
}

async function replicatedCluster(): Promise<Replicated> {
  const { nodes, stop } = await launchCluster({ primaries: 2, replicas: 1, quiet: true });
  const cluster = nodes.slice(0, 2).map(({ port }) => `127.0.0.1:${port}`);
  return { connection: { cluster }, replicas: nodes.slice(2), stop };
}

describe.each([
  ['standalone', replicatedServer],
  ['cluster', replicatedCluster],
] as const)('evictions with minReplicas (%s)', (_, launch) => {
  let servers: Replicated;
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    servers = await launch();
    app = await startApp({
      connection: { ...servers.connection, commandTimeout: '400ms' },
      keyPrefix: uniquePrefix(),
      cache: {
        minReplicas: 1,
        namespaces: { strict: { onUndelivered: 'throw' }, alone: { minReplicas: 0 }, many: { minReplicas: 5 } },
      },
    });
    cache = app.get(CacheService);
  });
  afterAll(async () => {
    await app.close();
    await servers.stop();
  });
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const { pid } of servers.replicas) process.kill(pid!, name);
  };
  afterEach(async () => {
    signal('SIGCONT');
    await eventually(() => expect(cache.health().journal.pending).toBe(0), { withinMs: 15_000 });
  });

  const EVICTIONS: Record<string, () => Promise<{ readonly delivered: boolean }>> = {
    'by key': () => cache.invalidate({ keys: ['a', 'b', 'c', 'd'] }),
    'by pattern': () => cache.invalidate('a*'),
    'by tag': () => cache.invalidate({ tags: ['tag'] }),
    'clear()': () => cache.clear(),
  };

  it.each(Object.keys(EVICTIONS))('are delivered when so many replicas have them: %s', async (kind) => {
    await cache.set('a', 'old', { tags: ['tag'] });
    expect(await EVICTIONS[kind]!()).toMatchObject({ delivered: true });
  });

  it.each(Object.keys(EVICTIONS))('wait in the journal as long as too few have them: %s', async (kind) => {
    await cache.set('a', 'old', { tags: ['tag'] });
    signal('SIGSTOP');
    expect(await EVICTIONS[kind]!()).toMatchObject({ delivered: false });
    expect(cache.health().journal.pending).toBeGreaterThan(0);
    expect(await cache.get('a')).toBeUndefined();
  });

  it('reject with the reason where they must be delivered', async () => {
    const strict = cache.namespace('strict');
    signal('SIGSTOP');
    await expect(strict.delete('a')).rejects.toMatchObject({
      code: 'UNDELIVERED_EVICTION',
      cause: { code: 'REPLICAS_BEHIND', reached: 0, atLeast: 1 },
    });
    signal('SIGCONT');
    await eventually(() => expect(strict.health().journal.pending).toBe(0), { withinMs: 15_000 });
  });

  it('are undelivered with fewer replicas than wanted, which tells how many there are', async () => {
    expect(await cache.namespace('many').invalidate({ keys: ['a'] })).toMatchObject({ delivered: false });
  });

  it('hold up nobody else, and no eviction of a namespace that waits for none', async () => {
    signal('SIGSTOP');
    const order: string[] = [];
    const waiting = cache.invalidate({ keys: ['a'] }).then(() => order.push('waited'));
    await cache.namespace('alone').invalidate({ keys: ['a'] });
    await cache.namespace('alone').getOrSet('b', () => 'read');
    order.push('others');
    await waiting;
    expect(order).toEqual(['others', 'waited']);
  });
});
