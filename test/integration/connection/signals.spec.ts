import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CacheService, type ConnectionOptions, RedisConnection } from 'nestjs-redis-cache';
import { launchCluster, launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

/** Of each slot a text that lies in it: the last slot of the first range, the first of the second, and others. */
const TAGS = { 5460: 't674', 5461: 't12636', 9000: 't2882', 12000: 't45183', 14000: 't16799' } as const;
const channelIn = (slot: keyof typeof TAGS): string => `{${TAGS[slot]}}:${uniquePrefix()}`;

const apps: INestApplicationContext[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

/** A connection on which no cache listens to anything. */
async function open(options: ConnectionOptions): Promise<RedisConnection> {
  const app = await startApp({
    connection: options,
    override: (builder) => builder.overrideProvider(CacheService).useValue({}),
  });
  apps.push(app);
  const connection = app.get(RedisConnection);
  await connection.open();
  return connection;
}

/** @returns how many subscribers it reached */
async function publish({ client, signals }: RedisConnection, channel: string, message: string): Promise<unknown> {
  return signals.publishCommand === 'SPUBLISH' ? client.spublish(channel, message) : client.publish(channel, message);
}

describeEachTopology('signals', (topology) => {
  it('arrive on channels that were subscribed after others', async () => {
    const connection = await open(topology.connection);
    const channels = Array.from({ length: 12 }, (_, at) => `${uniquePrefix()}:${at}`);
    const heard: string[] = [];
    expect(connection.signals.isCoherent).toBe(false);
    for (const channel of channels) {
      await connection.signals.subscribe([channel], (message) => heard.push(message));
      expect(connection.signals.isCoherent).toBe(true);
      expect(await publish(connection, channel, channel)).toBe(1);
    }
    await eventually(() => expect(heard).toEqual(channels));
  });
});

describe('signals that a server refuses', () => {
  it('are subscribed when it permits them', async () => {
    const user = ['--user', 'ann', 'on', '>pw', '~*', 'resetchannels', '+@all'];
    const server = await launchServer({ quiet: true, args: user });
    const admin = new Redis(server.url);
    const connection = await open({ host: '127.0.0.1', port: server.port, username: 'ann', password: 'pw' });
    const channel = uniquePrefix();
    await connection.signals.subscribe([channel], () => undefined);
    expect(connection.signals.isCoherent).toBe(false);

    await admin.acl('SETUSER', 'ann', '&*');
    await eventually(() => expect(connection.signals.isCoherent).toBe(true), { withinMs: 10_000 });
    expect(await admin.publish(channel, 'hello')).toBe(1);
    await admin.quit();
    await apps.pop()!.close();
    await server.stop();
  });
});

describe('signals of a slot that belongs to nobody', () => {
  let servers: Awaited<ReturnType<typeof launchCluster>>;
  let nodes: Redis[];

  beforeAll(async () => {
    servers = await launchCluster({ quiet: true, args: ['--cluster-require-full-coverage', 'no'] });
    nodes = servers.nodes.map(({ port }) => new Redis(port));
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.quit()));
    await servers.stop();
  });

  const forEachNode = (command: 'DELSLOTS', slot: number): Promise<unknown> =>
    Promise.all(nodes.map((node) => node.cluster(command, slot)));
  const openCluster = (): Promise<RedisConnection> =>
    open({ cluster: servers.nodes.map(({ port }) => `127.0.0.1:${port}`) });

  it.each([5_460, 5_461, 9_000] as const)('are missed until it has an owner (%i)', async (slot) => {
    const [orphan, other] = [channelIn(slot), channelIn(12_000)];
    await forEachNode('DELSLOTS', slot);
    const connection = await openCluster();
    const heard: string[] = [];
    await connection.signals.subscribe([orphan, other], (message) => heard.push(message));
    expect(await publish(connection, other, 'other')).toBe(1);
    expect(connection.signals.isCoherent).toBe(false);
    const reading = connection.send((client) => client.get(orphan), { resend: 'safe' });
    await expect(reading).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', outcome: 'not-sent' });

    await nodes[slot < 5_461 ? 0 : 1]!.cluster('ADDSLOTS', slot);
    await eventually(() => expect(connection.signals.isCoherent).toBe(true), { withinMs: 10_000 });
    expect(await publish(connection, orphan, 'orphan')).toBe(1);
    await eventually(() => expect(heard).toEqual(['other', 'orphan']));
  });

  it('are missed again when it loses its owner', async () => {
    const slot = 14_000;
    const channel = channelIn(slot);
    const connection = await openCluster();
    let losses = 0;
    connection.signals.onLost(() => (losses += 1));
    await connection.signals.subscribe([channel], () => undefined);
    expect(connection.signals.isCoherent).toBe(true);

    await forEachNode('DELSLOTS', slot);
    await eventually(() => expect([losses > 0, connection.signals.isCoherent]).toEqual([true, false]));
    await nodes[2]!.cluster('ADDSLOTS', slot);
    await eventually(() => expect(connection.signals.isCoherent).toBe(true), { withinMs: 10_000 });
    expect(await nodes[2]!.spublish(channel, 'back')).toBe(1);
  });
});

describe('a boot while Redis accepts connections and says nothing', () => {
  it('does not wait for signals after it has waited for commands', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connection = await open({ host: '127.0.0.1', port, connectTimeout: '300ms' });

    let isSubscribed = false;
    void connection.signals.subscribe(['channel'], () => undefined).then(() => (isSubscribed = true));
    await setImmediate();
    expect(isSubscribed).toBe(true);
    expect(connection.signals.isCoherent).toBe(false);

    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });
});
