import { Redis } from 'ioredis';
import { RedisConnection } from 'nestjs-redis-cache';
import { launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { type StartedLocks, startTwice } from './start-locks.js';

const PRIMARIES = 3;
const NOTICED = { withinMs: 30_000 };

describe('locks on a cluster whose replica takes over', () => {
  let cluster: Awaited<ReturnType<typeof launchCluster>>;
  let nodes: Redis[];
  let apps: [StartedLocks, StartedLocks];

  beforeEach(async () => {
    const args = ['--cluster-node-timeout', '2000'];
    cluster = await launchCluster({ primaries: PRIMARIES, replicas: 1, args, quiet: true });
    nodes = cluster.nodes.map(({ url }) => new Redis(url, { retryStrategy: () => null, disconnectTimeout: 100 }));
    for (const node of nodes) node.on('error', () => undefined); // one of them will be killed
    const connection = {
      cluster: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
      commandTimeout: '10s',
    } as const;
    apps = await startTwice({ connection });
  }, 60_000);
  afterEach(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
    for (const node of nodes) node.disconnect();
    await cluster.stop();
  });

  /** The primary that has a lock, and the replica that will take over: primaries come first, replicas in their order. */
  async function serversOf(resource: string): Promise<{ primary: number; replica: number }> {
    const found = await Promise.all(nodes.slice(0, PRIMARIES).map((node) => node.keys(`*:lock:*:${resource}`)));
    const primary = found.findIndex((names) => names.length > 0);
    return { primary, replica: primary + PRIMARIES };
  }

  async function hasTakenOver(replica: number): Promise<void> {
    await eventually(async () => expect((await nodes[replica]!.role())[0]).toBe('master'), NOTICED);
    await eventually(() => apps[0].app.get(RedisConnection).ping(), NOTICED);
  }

  it('go on with those who hold and those who wait when its primary hands over', async () => {
    const [one, other] = apps;
    const lock = await one.locks.acquire('kept', { ttl: '30s' });
    const waiting = other.locks.acquire('kept', { ttl: '30s', wait: '50s' });
    await eventually(async () => expect((await one.locks.inspect('kept')).waiters).toHaveLength(1));
    const { replica } = await serversOf('kept');
    await nodes[replica]!.call('CLUSTER', 'FAILOVER');
    await hasTakenOver(replica);
    const before = one.events.length;
    await lock.release();
    expect(one.events.slice(before)).toEqual(['lock:released']);
    const next = await waiting;
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
    await next.release();
  }, 60_000);

  it('are held, renewed and given back by those who hold them when its primary is killed', async () => {
    const [one, other] = apps;
    const lock = await one.locks.acquire('kept', { ttl: '30s' });
    const { primary, replica } = await serversOf('kept');
    expect(await nodes[primary]!.wait(1, 5_000)).toBe(1);
    process.kill(cluster.nodes[primary]!.pid!, 'SIGKILL');
    await hasTakenOver(replica);
    await eventually(() => lock.extend('30s'), NOTICED);
    expect(await other.locks.tryAcquire('kept')).toBeNull();
    const before = one.events.length;
    await lock.release();
    expect(one.events.slice(before)).toEqual(['lock:released']);
    const next = await other.locks.acquire('kept', { ttl: '30s' });
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
    await next.release();
  }, 60_000);
});
