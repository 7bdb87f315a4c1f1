import { existsSync } from 'node:fs';
import { jest } from '@jest/globals';
import { ask } from '../../tools/redis/ask.mjs';
import { endAll, isAlive, itLocally, LAUNCHES, NO_REDIS, RUN, start, until, WAITS_FOR_EVER } from './launched.js';

jest.setTimeout(30_000);
afterEach(endAll);

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
