import type { INestApplicationContext } from '@nestjs/common';
import { type Redis } from 'ioredis';
import { CacheService, RedisConnection } from 'nestjs-redis-cache';
import { launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { MovingSlot } from '../../support/moving-slot.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

describe('the topology of a cluster', () => {
  let cluster: Awaited<ReturnType<typeof launchCluster>>;
  let app: INestApplicationContext;
  let connection: RedisConnection;

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true });
    app = await startApp({ connection: { cluster: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`) } });
    connection = app.get(RedisConnection);
  });
  afterAll(async () => {
    await app.close();
    await cluster.stop();
  });

  const portOf = (redis: Redis | undefined): number | undefined => redis?.options.port;

  it('knows the primaries and the owner of each slot', async () => {
    const { topology } = connection;
    expect(topology.kind).toBe('cluster');
    expect(topology.primaries().map(portOf).sort()).toEqual(cluster.nodes.map(({ port }) => port).sort());

    const ranges = (await topology.primaries()[0]!.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
    for (const [from, to, [, port]] of ranges) {
      expect([topology.ownerOf(from), topology.ownerOf(to)].map(portOf)).toEqual([port, port]);
    }
    await connection.ping();
  });

  const slotOf = (key: string): Promise<number> => connection.topology.primaries()[0]!.cluster('KEYSLOT', key);

  it('tells when a slot moves, and follows it', async () => {
    const { topology } = connection;
    const key = `${uniquePrefix()}:moved`;
    await connection.client.set(key, 'value', 'PX', 60_000);
    const changes: string[] = [];
    const end = topology.onChange(() => changes.push('changed'));

    const slot = await slotOf(key);
    const before = portOf(topology.ownerOf(slot));
    const moving = await MovingSlot.begin(topology, key);
    await moving.end();

    expect(await connection.send((client) => client.get(key), { resend: 'safe' })).toBe('value');
    await eventually(() => expect(portOf(topology.ownerOf(slot))).not.toBe(before));
    await eventually(() => expect(changes).toEqual(['changed']));
    end();
  });

  it('follows a slot also when each of its reads shares a batch with a write', async () => {
    const key = `${uniquePrefix()}:moved`;
    await connection.client.set(key, 'value', 'PX', 60_000);
    const from = connection.topology.ownerOf(await slotOf(key))!;
    const moving = await MovingSlot.begin(connection.topology, key);
    await moving.end();
    const stays = await anotherKeyOf(from);
    // ioredis hands out the MOVED of a batch in which a write succeeded, and learns nothing from it.
    const write = (): void => void connection.client.set(stays, '', 'PX', 60_000).catch(() => undefined);
    const read = connection.send(
      (client) => {
        write();
        return client.get(key);
      },
      { resend: 'safe' },
    );
    await expect(read).resolves.toBe('value');
  });

  const anotherKeyOf = async (node: Redis): Promise<string> => {
    for (let at = 0; ; at += 1) {
      const key = `${uniquePrefix()}:${at}`;
      if (portOf(connection.topology.ownerOf(await slotOf(key))) === portOf(node)) return key;
    }
  };

  it('spreads the keys of one namespace over all primaries', async () => {
    const cache = app.get(CacheService);
    const entries = Array.from({ length: 300 }, (_, at) => [`key:${at}`, at] as const);
    await cache.setMany(entries);
    expect(await cache.getMany(entries.map(([key]) => key))).toEqual(new Map(entries));
    const sizes = await Promise.all(connection.topology.primaries().map((primary) => primary.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(30);
    expect(await cache.deleteMany(entries.map(([key]) => key))).toBe(300);
  });
});
