import { Cluster, Redis } from 'ioredis';
import { type RedisClient, RedisConnection } from 'nestjs-redis-cache';
import { launchCluster, launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { eventually } from '../../support/eventually.js';
import { callsOf } from '../../support/server-statistics.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

/** On a cluster of two the slot of `bar` belongs to the first node, and only that one is behind the proxy. */
const counterName = (): string => `{bar}:${uniquePrefix()}`;

const WARNING = 'sends commands again that may have run';

describe.each(['standalone', 'cluster'] as const)('a client of the user (%s)', (kind) => {
  let node: { readonly port: number; readonly url: string };
  let stopServer: () => Promise<void>;
  let proxy: FaultProxy;

  beforeAll(async () => {
    if (kind === 'standalone') {
      const server = await launchServer({ quiet: true });
      [node, stopServer] = [server, server.stop];
    } else {
      const cluster = await launchCluster({ primaries: 2, quiet: true });
      [node, stopServer] = [cluster.nodes[0]!, cluster.stop];
    }
    proxy = await startFaultProxy(node.port);
  });
  afterAll(async () => {
    await proxy.stop();
    await stopServer();
  });

  const create = (isTold: 'not to send again' | 'nothing'): RedisClient => {
    const is = isTold === 'not to send again';
    if (kind === 'standalone') return new Redis({ port: proxy.port, ...(is ? { maxRetriesPerRequest: 0 } : {}) });
    const natMap = { [`127.0.0.1:${node.port}`]: { host: '127.0.0.1', port: proxy.port } };
    return new Cluster([`127.0.0.1:${proxy.port}`], { natMap, ...(is ? { retryDelayOnFailover: 0 } : {}) });
  };

  it('counts once when it was created as the warning says', async () => {
    const logger = new CollectingLogger();
    const client = create('not to send again');
    const app = await startApp({ connection: { client }, logger });
    expect(logger.containing(WARNING)).toEqual([]);

    const [counter, before] = [counterName(), await callsOf(node.url, 'incr')];
    proxy.dropReplyTo('incr');
    const counting = app.get(RedisConnection).send((redis) => redis.incr(counter), { resend: 'never' });
    await expect(counting).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', outcome: 'unknown' });
    await eventually(() => app.get(RedisConnection).ping());
    expect((await callsOf(node.url, 'incr')) - before).toBe(1);
    await app.close();
    await client.quit();
  });

  it('counts twice as ioredis makes it, and is warned of once', async () => {
    const logger = new CollectingLogger();
    const client = create('nothing');
    const app = await startApp({ connection: { client, commandTimeout: '10s' }, logger });
    expect(logger.containing(WARNING)).toEqual([
      expect.stringContaining('warn The client of the connection "default"'),
    ]);

    const counter = counterName();
    proxy.dropReplyTo('incr');
    expect(await app.get(RedisConnection).send((redis) => redis.incr(counter), { resend: 'never' })).toBe(2);
    await app.close();
    await client.quit();
  });
});
