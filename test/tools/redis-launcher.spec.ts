import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { ask } from '../../tools/redis/ask.mjs';
import { launchCluster, launchRedis, launchServer, launchServers } from '../../tools/redis/index.mjs';
import type { ServerOptions } from '../../tools/redis/server-process.mjs';

const RUN = fileURLToPath(new URL('../../tools/redis/run.mjs', import.meta.url));
const LAUNCHES = `
  const { launchServer } = await import('${new URL('../../tools/redis/index.mjs', import.meta.url).href}');
  const { pid, dir } = await launchServer({ quiet: true });
  console.log(JSON.stringify({ pid, dir }));
`;
const WAITS_FOR_EVER = `console.log('url=' + process.env.REDIS_URL); setInterval(() => {}, 1_000)`;
const NO_REDIS = { PATH: '/nowhere', DOCKER_HOST: 'unix:///nowhere/docker.sock', REDIS_SOURCE: undefined };
const quiet = true;

jest.setTimeout(30_000);

const programs: ChildProcess[] = [];
const launched: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  programs.splice(0).forEach((program) => program.kill('SIGKILL'));
  await Promise.all(launched.splice(0).map((server) => server.stop()));
});

/** In a container a server has no process id of ours, and what is promised about processes is kept by testcontainers. */
const serversAreProcesses = await launchServer({ quiet }).then(async ({ pid, stop }) => {
  await stop();
  return pid !== undefined;
});
const itLocally = serversAreProcesses ? it : it.skip;

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

describe('a program that uses a server', () => {
  itLocally('takes it along when it is killed', async () => {
    const program = start(['--input-type=module', '-e', `${LAUNCHES} setInterval(() => {}, 1_000);`]);
    const { pid, dir } = JSON.parse(await program.line(/\{.*\}/)) as { pid: number; dir: string };
    expect(isAlive(pid)).toBe(true);

    program.child.kill('SIGKILL');
    await until(() => !isAlive(pid) && !existsSync(dir));
  });

  itLocally('is not kept from ending by a server it forgot, and takes it along', async () => {
    const program = start(['--input-type=module', '-e', LAUNCHES]);
    const { pid, dir } = JSON.parse(await program.line(/\{.*\}/)) as { pid: number; dir: string };
    expect(await program.exit()).toBe(0);
    await until(() => !isAlive(pid) && !existsSync(dir));
  });
});

describe('run.mjs', () => {
  it('passes on the exit code of the command', async () => {
    const program = start([RUN, '--', process.execPath, '-e', 'process.exit(process.env.REDIS_URL ? 7 : 1)']);
    expect(await program.exit()).toBe(7);
  });

  it('says on one line of stderr where the server comes from', async () => {
    const program = start([RUN, '--', process.execPath, '-e', '']);
    await program.exit();
    expect(program.errors().trim()).toMatch(/redis: .*\d+\.\d+.*, port \d+$/);
  });

  it('finds commands of node_modules/.bin', async () => {
    const program = start([RUN, '--', 'tsc', '--version'], { PATH: `/usr/bin:/bin:${process.env.PATH}` });
    expect(await program.exit()).toBe(0);
  });

  it('ends both the command and the server on Ctrl-C', async () => {
    const program = start([RUN, '--', process.execPath, '-e', WAITS_FOR_EVER]);
    const port = Number(/:(\d+)$/.exec(await program.line(/url=.*/))?.[1]);
    expect(await ask({ host: '127.0.0.1', port }, 'PING')).toBe('PONG');

    program.child.kill('SIGINT');
    expect(await program.exit()).toBe(130);
    await expect(ask({ host: '127.0.0.1', port }, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('lets the command finish in its own way', async () => {
    const command = `process.on('SIGTERM', () => process.exit(5)); ${WAITS_FOR_EVER}`;
    const program = start([RUN, '--', process.execPath, '-e', command]);
    await program.line(/url=.*/);
    program.child.kill('SIGTERM');
    expect(await program.exit()).toBe(5);
  });

  itLocally('ends both the command and the server when it is killed', async () => {
    const program = start([RUN, '--', process.execPath, '-e', WAITS_FOR_EVER]);
    const port = Number(/:(\d+)$/.exec(await program.line(/url=.*/))?.[1]);
    program.child.kill('SIGKILL');
    await program.exit(); // resolves once nobody, the command included, holds its standard output
    await until(() =>
      ask({ host: '127.0.0.1', port }, 'PING').then(
        () => false,
        () => true,
      ),
    );
  });

  it('without a command prints the address and runs until Ctrl-C', async () => {
    const program = start([RUN]);
    const url = new URL((await program.line(/REDIS_URL=.*/)).slice('REDIS_URL='.length));
    expect(await ask({ host: url.hostname, port: Number(url.port) }, 'PING')).toBe('PONG');
    program.child.kill('SIGINT');
    expect(await program.exit()).toBe(0);
  });

  it('gives the addresses of several servers, or of a cluster instead of REDIS_URL', async () => {
    const print = `const { REDIS_URL, REDIS_URLS, REDIS_CLUSTER_NODES } = process.env;
      console.log(JSON.stringify({ url: REDIS_URL, urls: REDIS_URLS?.split(','), nodes: REDIS_CLUSTER_NODES?.split(',') }))`;
    const servers = start([RUN, '--servers', '2', '--', process.execPath, '-e', print]);
    const { url, urls } = JSON.parse(await servers.line(/\{.*\}/)) as { url: string; urls: string[] };
    expect(urls).toEqual([url, expect.stringMatching(/^redis:/)]);

    const cluster = start([RUN, '--cluster', '--', process.execPath, '-e', print]);
    const answer = JSON.parse(await cluster.line(/\{.*\}/)) as { nodes: string[] };
    expect(answer).toEqual({ nodes: Array(3).fill(expect.stringMatching(/^[\d.]+:\d+$/)) });
    await Promise.all([servers.exit(), cluster.exit()]);
  });

  it('lists the four ways, and why none applies, when there is no Redis', async () => {
    const program = start([RUN], NO_REDIS);
    expect(await program.exit()).toBe(1);
    for (const way of [
      'REDIS_URL: not set',
      'path: neither',
      'docker: no engine answers',
      'package: there is no apt-get',
    ]) {
      expect(program.errors()).toContain(way);
    }
  });
});

/** @returns a program whose output can be awaited */
function start(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, REDIS_URL: undefined, ...environment };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  programs.push(child);
  return {
    child,
    errors: () => errors,
    line: async (pattern: RegExp) => {
      await until(
        () => pattern.test(output) && output.endsWith('\n'),
        () => output + errors,
      );
      return String(pattern.exec(output)?.[0]);
    },
    exit: async () => (await closed)[0],
  };
}

async function launch(options: ServerOptions = {}) {
  const server = await launchServer({ ...options, quiet });
  launched.push(server);
  return server;
}

async function launchTestCluster(options: { replicas?: number } = {}) {
  const cluster = await launchCluster({ ...options, quiet });
  launched.push(cluster);
  return cluster;
}

async function until(fact: () => boolean | Promise<boolean>, otherwise = () => fact.toString()) {
  const deadline = Date.now() + 10_000;
  while (!(await fact())) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${otherwise()}`);
    await delay(10);
  }
}

function isAlive(pid: number | undefined) {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

async function withRedisUrl<T>(url: string, launch: () => Promise<T>): Promise<T> {
  const { REDIS_URL, REDIS_SOURCE } = process.env;
  process.env.REDIS_URL = url;
  delete process.env.REDIS_SOURCE;
  try {
    return await launch();
  } finally {
    delete process.env.REDIS_URL;
    Object.assign(process.env, REDIS_URL && { REDIS_URL }, REDIS_SOURCE && { REDIS_SOURCE });
  }
}
