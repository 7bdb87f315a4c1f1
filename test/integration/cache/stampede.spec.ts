import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { ownCluster, ownServer, type OwnServers } from '../../support/own-servers.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

/** A loader that ends when the test says so. */
function gatedLoader(): { load: jest.Mock<() => Promise<string>>; open: () => void } {
  let open = (): void => undefined;
  const gate = new Promise<string>((resolve) => (open = () => resolve('value')));
  return { load: jest.fn(() => gate), open: () => open() };
}

/** How often the servers have run each command. The commands with which a cluster is watched do not count. */
async function commandsOf(nodes: readonly Redis[]): Promise<string[]> {
  const statistics = await Promise.all(nodes.map((node) => node.info('commandstats')));
  const calls = statistics.flatMap((text, at) =>
    [...text.matchAll(/cmdstat_(\S+):calls=(\d+)/g)].map(([, name, count]) => `${at} ${name} ${count}`),
  );
  return calls.filter((call) => !/ (info|cluster\S*|ping) /.test(call));
}

describe.each([
  ['a server', ownServer],
  ['a cluster', ownCluster],
])('callers who wait for the load of another process, on %s', (_, launch) => {
  let servers: OwnServers;
  let nodes: Redis[];
  let keyPrefix: string;
  let loading: INestApplicationContext;
  let waiting: INestApplicationContext;

  beforeAll(async () => {
    servers = await launch();
    nodes = servers.urls.map((url) => new Redis(url));
  });
  beforeEach(async () => {
    keyPrefix = uniquePrefix();
    const options = { connection: servers.connection, keyPrefix };
    [loading, waiting] = await Promise.all([startApp(options), startApp(options)]);
  });
  afterEach(() => Promise.all([loading.close(), waiting.close()]));
  afterAll(async () => {
    nodes.forEach((node) => node.disconnect());
    await servers.stop();
  });

  /** One loads; 200 others have found nothing and are registered in the lease. */
  async function letThemWait(load: jest.Mock<() => Promise<string>>): Promise<Promise<string>[]> {
    const first = loading.get(CacheService).getOrSet('slow', load);
    await eventually(() => expect(load).toHaveBeenCalledTimes(1));
    let missed = 0;
    waiting.get(RedisCacheEvents).on('cache:miss', () => (missed += 1));
    const others = Array.from({ length: 200 }, () => waiting.get(CacheService).getOrSet('slow', load));
    await eventually(async () => {
      expect(missed).toBe(200);
      const { client } = waiting.get(RedisConnection);
      expect((await client.hkeys(await findLease())).filter((field) => field[0] === 'w')).toHaveLength(1);
    });
    return [first, ...others];
  }

  /** Booting goes on in the background: an index is built. */
  async function untilBootIsOver(): Promise<void> {
    await eventually(async () => {
      const before = await commandsOf(nodes);
      await pause(200);
      expect(await commandsOf(nodes)).toEqual(before);
    });
  }

  async function findLease(): Promise<string> {
    const [lease] = (await Promise.all(nodes.map((node) => node.keys(`${keyPrefix}:cache-lease:*:slow`)))).flat();
    return lease!;
  }

  it('send no command while they wait, and are woken', async () => {
    const { load, open } = gatedLoader();
    const asked = await letThemWait(load);

    await untilBootIsOver();
    const before = await commandsOf(nodes);
    await pause(1_500); // longer than who polls would wait, shorter than a renewal
    expect(await commandsOf(nodes)).toEqual(before);

    open();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['value']));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('wait on for the one load as long as its lease is renewed', async () => {
    const { load, open } = gatedLoader();
    const asked = letThemWait(load);
    const { client } = loading.get(RedisConnection);
    await eventually(() => expect(load).toHaveBeenCalledTimes(1));
    // In quick motion: the lease ends after a second and not after 10, and is renewed each time before it does.
    const lease = await findLease();
    await client.pexpire(lease, 1_000);
    let renewed = 0;
    const renewal = setInterval(() => void client.pexpire(lease, 1_000).then(() => (renewed += 1)), 40);
    await eventually(() => expect(renewed).toBeGreaterThanOrEqual(60));
    clearInterval(renewal);
    await client.pexpire(lease, 10_000);
    expect(load).toHaveBeenCalledTimes(1);
    open();
    expect(new Set(await Promise.all(await asked))).toEqual(new Set(['value']));
    expect(load).toHaveBeenCalledTimes(1);
  });
});
