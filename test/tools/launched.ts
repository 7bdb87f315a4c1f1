import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launchCluster, launchServer } from '../../tools/redis/index.mjs';
import type { ServerOptions } from '../../tools/redis/server-process.mjs';

export const RUN = fileURLToPath(new URL('../../tools/redis/run.mjs', import.meta.url));
export const LAUNCHES = `
  const { launchServer } = await import('${new URL('../../tools/redis/index.mjs', import.meta.url).href}');
  const { pid, dir } = await launchServer({ quiet: true });
  console.log(JSON.stringify({ pid, dir }));
`;
export const WAITS_FOR_EVER = `console.log('url=' + process.env.REDIS_URL); setInterval(() => {}, 1_000)`;
export const NO_REDIS = { PATH: '/nowhere', DOCKER_HOST: 'unix:///nowhere/docker.sock', REDIS_SOURCE: undefined };
export const quiet = true;

export const programs: ChildProcess[] = [];
export const launched: { stop(): Promise<void> }[] = [];

/** Ends what a test has started and forgotten. */
export async function endAll(): Promise<void> {
  programs.splice(0).forEach((program) => program.kill('SIGKILL'));
  await Promise.all(launched.splice(0).map((server) => server.stop()));
}

/** In a container a server has no process id of ours, and what is promised about processes is kept by testcontainers. */
const serversAreProcesses = await launchServer({ quiet }).then(async ({ pid, stop }) => {
  await stop();
  return pid !== undefined;
});
export const itLocally = serversAreProcesses ? it : it.skip;

export function start(args: string[], environment: NodeJS.ProcessEnv = {}) {
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

export async function launch(options: ServerOptions = {}) {
  const server = await launchServer({ ...options, quiet });
  launched.push(server);
  return server;
}

export async function launchTestCluster(options: { replicas?: number } = {}) {
  const cluster = await launchCluster({ ...options, quiet });
  launched.push(cluster);
  return cluster;
}

export async function until(fact: () => boolean | Promise<boolean>, otherwise = () => fact.toString()) {
  const deadline = Date.now() + 10_000;
  while (!(await fact())) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${otherwise()}`);
    await delay(10);
  }
}

export function isAlive(pid: number | undefined) {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

export async function withRedisUrl<T>(url: string, launch: () => Promise<T>): Promise<T> {
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
