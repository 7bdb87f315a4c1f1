import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { ask } from '../../tools/redis/ask.mjs';
import { launchRedis, launchServers } from '../../tools/redis/index.mjs';
import { endAll, isAlive, itLocally, launch, launched, launchTestCluster, quiet, withRedisUrl } from './launched.js';

jest.setTimeout(30_000);
afterEach(endAll);

describe('a server', () => {
  it('answers PING, and is gone with its data after stop()', async () => {
    const server = await launch();
    expect(await ask(server, 'PING')).toBe('PONG');

    await server.stop();
    await expect(ask(server, 'PING')).rejects.toThrow('ECONNREFUSED');
    expect(server.dir && existsSync(server.dir)).toBeFalsy();
  });

  it('is not the one of REDIS_URL', async () => {
    const given = await launch();
    const own = await withRedisUrl(given.url, () => launch());
    expect(own.port).not.toBe(given.port);
  });

  itLocally('listens on 127.0.0.1 only and keeps nothing on disk', async () => {
    const server = await launch();
    const client = new Redis(server.url);
    const replies = await Promise.all(['bind', 'save', 'appendonly'].map((name) => client.config('GET', name)));
    client.disconnect();
    expect(replies.flat()).toEqual(['bind', '127.0.0.1', 'save', '', 'appendonly', 'no']);
  });

  itLocally('comes back with its data, on its port, after a crash', async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const crashed = await launch({ args });
    await ask(crashed, 'SET', 'key', 'value');
    await crashed.kill();
    await expect(ask(crashed, 'PING')).rejects.toThrow('ECONNREFUSED');

    const restarted = await launch({ args, port: crashed.port, dir: crashed.dir });
    expect(restarted.port).toBe(crashed.port);
    expect(await ask(restarted, 'GET', 'key')).toBe('value');
    await restarted.stop();
    await crashed.stop();
    expect(existsSync(String(crashed.dir))).toBe(false);
  });

  itLocally('shuts down in order, and leaves its data, in a directory that was given', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'redis-launcher-'));
    const first = await launch({ args: ['--save', '3600 1'], dir });
    await ask(first, 'SET', 'key', 'value');
    await first.stop();

    const second = await launch({ dir });
    expect(await ask(second, 'GET', 'key')).toBe('value');
    await second.stop();
    await rm(dir, { recursive: true });
  });

  itLocally('can be stopped while it is paused', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'redis-launcher-'));
    for (const options of [{}, { dir }]) {
      const server = await launch(options);
      process.kill(Number(server.pid), 'SIGSTOP');
      await server.stop();
      expect(isAlive(server.pid)).toBe(false);
    }
    await rm(dir, { recursive: true });
  });

  it('may ask for a password', async () => {
    const server = await launch({ args: ['--requirepass', 'secret'] });
    await expect(ask(server, 'GET', 'key')).rejects.toThrow('NOAUTH');
  });

  it('reports its log when it cannot start', async () => {
    await expect(launch({ args: ['--no-such-option', '1'] })).rejects.toThrow(/no-such-option/);
  });

  itLocally('does not mistake another server on its port for itself', async () => {
    const other = await launch();
    await expect(launch({ port: other.port })).rejects.toThrow(/address already in use/i);
  });
});

describe('several servers', () => {
  it('run side by side and know nothing of each other', async () => {
    const servers = await launchServers(4, { quiet });
    launched.push(...servers);
    await Promise.all(servers.map((server) => ask(server, 'SET', 'port', String(server.port))));
    expect(await Promise.all(servers.map((server) => ask(server, 'GET', 'port')))).toEqual(
      servers.map(({ port }) => String(port)),
    );
  });
});

describe('a cluster', () => {
  it('of three takes writes in every slot', async () => {
    const { nodes } = await launchTestCluster();
    const client = new Cluster(nodes.map(({ host, port }) => ({ host, port })));
    const keys = Array.from({ length: 50 }, (_, index) => `key:${index}`);
    await Promise.all(keys.map((key) => client.set(key, key)));
    const sizes = await Promise.all(nodes.map((node) => ask(node, 'DBSIZE')));
    client.disconnect();

    expect(sizes.map(Number).filter((size) => size > 0)).toHaveLength(3);
    expect(sizes.map(Number).reduce((sum, size) => sum + size)).toBe(keys.length);
  });

  it('gives each primary its replicas', async () => {
    const { nodes } = await launchTestCluster({ replicas: 1 });
    const roles = await Promise.all(nodes.map((node) => ask(node, 'INFO', 'replication')));

    expect(roles.slice(0, 3)).toEqual(Array(3).fill(expect.stringMatching(/role:master\r\nconnected_slaves:1/)));
    expect(roles.slice(3)).toEqual(Array(3).fill(expect.stringMatching(/role:slave/)));
  });
});

describe('REDIS_URL', () => {
  it('is honoured, and its server is not stopped', async () => {
    const given = await launch();
    const redis = await withRedisUrl(given.url, () => launchRedis({ quiet }));
    expect(redis).toMatchObject({ source: 'url', url: given.url, port: given.port });

    await redis.stop();
    expect(await ask(given, 'PING')).toBe('PONG');
  });

  it('is refused at once when nothing answers there', async () => {
    const gone = await launch();
    await gone.stop();
    const redis = withRedisUrl(gone.url, () => launchRedis({ quiet }));
    await expect(redis).rejects.toThrow(/REDIS_URL is set, but Redis does not answer there/);
  });
});
