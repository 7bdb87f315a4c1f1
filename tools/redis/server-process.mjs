import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, ErrorAnswer } from './ask.mjs';
import { runGuarded } from './guarded-process.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {string[] | (() => Promise<string[]>)} [args] more arguments of redis-server, a configuration file first if any;
 *   a function is asked again when the server has to be started again, because a port was taken
 * @property {number} [port] a fixed port, such as the one of a server that was killed; else a free one
 * @property {string} [dir] its data directory, left in place at the end; else a new one that is removed at the end
 */

const HOST = '127.0.0.1';
const ATTEMPTS = 5;
const START_DEADLINE_MS = 20_000;
const SHUTDOWN_DEADLINE_MS = 5_000;

/**
 * @param {import('./find-server.mjs').Source} source
 * @param {string[]} command how to run redis-server
 * @param {ServerOptions} options
 * @returns {Promise<import('./find-server.mjs').Server>}
 */
export async function startServerProcess(source, command, options) {
  return retryWhilePortsAreTaken(async () => ({ source, ...(await start(command, options)) }));
}

/**
 * Somebody else may take a port between our finding it free and the server's listening on it.
 *
 * @template T
 * @param {() => Promise<T>} start
 */
export async function retryWhilePortsAreTaken(start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use|port is already allocated/i.test(String(error))) throw error;
      await delay(attempt * 50);
    }
  }
}

/** @param {string[]} command @param {ServerOptions} options */
async function start(command, { args = [], port: fixedPort, dir: givenDir }) {
  const port = fixedPort ?? (await freePort());
  const givenArgs = typeof args === 'function' ? await args() : args;
  const dir = givenDir ?? join(tmpdir(), `redis-server-${randomBytes(6).toString('hex')}`);
  const place = ['--port', String(port), '--bind', HOST, '--dir', dir, '--daemonize', 'no'];
  const server = await runGuarded([...command, ...serverArguments(givenArgs, place)], givenDir ? '' : dir);
  try {
    await untilReady(server, port);
  } catch (error) {
    await server.release();
    throw error;
  }

  /** Nothing in a directory of its own is worth an orderly shutdown. */
  const stop = async () => {
    if (givenDir && server.isRunning()) await server.signal(['SIGCONT', 'SIGTERM'], SHUTDOWN_DEADLINE_MS);
    await server.release();
  };
  /** @type {Promise<void> | undefined} */
  let stopped;
  return {
    url: `redis://${HOST}:${port}`,
    host: HOST,
    port,
    pid: server.pid,
    dir,
    stop: () => (stopped ??= stop()),
    kill: () => server.signal(['SIGKILL'], SHUTDOWN_DEADLINE_MS),
  };
}

/** @param {string[]} args @param {string[]} place what no argument may change */
export function serverArguments(args, place) {
  const configurationFile = args[0]?.startsWith('-') === false ? args.slice(0, 1) : [];
  const noPersistence = ['--save', '', '--appendonly', 'no'];
  return [...configurationFile, ...noPersistence, ...args.slice(configurationFile.length), ...place];
}

/** @param {import('./guarded-process.mjs').GuardedProcess} server @param {number} port */
async function untilReady(server, port) {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (server.isRunning()) {
    if (await answers(port, server.pid)) return;
    if (Date.now() > deadline) {
      throw new Error(`The Redis server on port ${port} does not answer PING. Its log:\n${server.output()}`);
    }
    await delay(5);
  }
  throw new Error(`The Redis server ended while it was starting. Its log:\n${server.output()}`);
}

/** @param {number} port @param {number} pid */
async function answers(port, pid) {
  const address = { host: HOST, port };
  try {
    await ask(address, 'PING');
    // A server of somebody else, who took the port first, answers as well.
    return (await ask(address, 'INFO', 'server')).includes(`process_id:${pid}\r\n`);
  } catch (error) {
    // NOAUTH and the like are answers: whoever asked for a password knows it.
    return error instanceof ErrorAnswer && !error.message.startsWith('LOADING');
  }
}

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort() {
  const listener = createServer().listen(0, HOST);
  await once(listener, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  listener.close();
  await once(listener, 'close');
  return port;
}

/** @param {Promise<import('./find-server.mjs').Server>[]} starting */
export async function allOrNone(starting) {
  const results = await Promise.allSettled(starting);
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (!failure) return servers;

  await Promise.all(servers.map((server) => server.stop()));
  throw failure.reason;
}
