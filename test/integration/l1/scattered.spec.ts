import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { CacheService, RedisCacheEvents } from 'nestjs-redis-cache';
import { launchServers } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';

/** A TCP proxy before two servers: the first connection leads to the one, and all others to the other. */
async function startScatteringProxy(ports: readonly [number, number]) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const target = connect(ports[connections === 1 ? 0 : 1], '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

it('copies in memory stay off, with one warning, where connections lead to different servers', async () => {
  const servers = await launchServers(2, { quiet: true });
  const proxy = await startScatteringProxy([servers[0]!.port, servers[1]!.port]);
  const logger = new CollectingLogger();
  const connection = { host: '127.0.0.1', port: proxy.port };
  const app = await startApp({ connection, cache: { l1: true }, logger });
  const cache = app.get(CacheService);
  const causes: unknown[] = [];
  app.get(RedisCacheEvents).on('connection:tracking-refused', ({ cause }) => causes.push(cause));

  await eventually(() => expect(causes).toHaveLength(1), { withinMs: 40_000 });
  expect(String(causes[0])).toContain('different servers');
  expect(logger.containing('(l1)')).toHaveLength(1);
  // Commands, signals, and what was tried until then: three times a second and ever less often.
  expect(proxy.connections()).toBeLessThan(20);

  await cache.set('key', { name: 'Tea' });
  for (let time = 0; time < 3; time += 1) expect(await cache.get('key')).toEqual({ name: 'Tea' });
  expect(cache.l1).toMatchObject({ entries: 0, hits: 0, coherentSince: undefined });
  await app.close();
  await proxy.stop();
  await Promise.all(servers.map((server) => server.stop()));
});
