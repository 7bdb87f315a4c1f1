#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endWithUs } from './guarded-process.mjs';
import { launchCluster, launchRedis, launchServers } from './index.mjs';

const USAGE = `Usage: node tools/redis/run.mjs [--cluster | --servers <n>] [-- <command> [arguments...]]

Starts a Redis for as long as the command runs, or until Ctrl-C when there is none.

  (no option)    one Redis, the one of REDIS_URL if that is set; the command gets REDIS_URL
  --servers <n>  n fresh servers; the command gets REDIS_URLS, separated by commas, and REDIS_URL of the first
  --cluster      a fresh cluster of three; the command gets REDIS_CLUSTER_NODES=host:port,host:port,host:port
  --help         this text

A fresh server comes from the PATH (redis-server, valkey-server), else from Docker, else from the package of Debian or
Ubuntu. REDIS_SOURCE=path|docker|package insists on one of them; REDIS_IMAGE names another image for Docker.`;

/** @typedef {{ variables: NodeJS.ProcessEnv, stop: () => Promise<void> }} Launched */

/** @param {string[]} args */
async function main(args) {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const command = args.slice(end + 1);
  const options = readOptions(args.slice(0, end));
  if (options.help) return console.log(USAGE);

  const { variables, stop } = await launch(options);
  try {
    process.exitCode = command.length > 0 ? await runCommand(command, variables) : await waitForCtrlC(variables);
  } finally {
    await stop();
  }
}

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: { cluster: { type: 'boolean' }, servers: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const servers = values.servers === undefined ? undefined : Number(values.servers);
  if (servers !== undefined && !(Number.isInteger(servers) && servers > 0)) throw new Error('--servers needs a number');
  if (servers && values.cluster) throw new Error('--servers and --cluster exclude each other');
  return { ...values, servers };
}

/** @param {{ cluster?: boolean, servers?: number }} options @returns {Promise<Launched>} */
async function launch({ cluster, servers: count }) {
  if (cluster) {
    const { nodes, stop } = await launchCluster();
    const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
    return { variables: { REDIS_CLUSTER_NODES: addresses.join(','), REDIS_URL: undefined }, stop };
  }
  if (count) {
    const servers = await launchServers(count);
    const urls = servers.map(({ url }) => url);
    const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
    return { variables: { REDIS_URL: urls[0], REDIS_URLS: urls.join(',') }, stop };
  }
  const { url, stop } = await launchRedis();
  return { variables: { REDIS_URL: url }, stop };
}

/** @param {string[]} command @param {NodeJS.ProcessEnv} variables @returns {Promise<number>} */
async function runCommand([file = '', ...args], variables) {
  const PATH = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(file, args, {
    stdio: 'inherit',
    env: { ...process.env, ...variables, PATH },
    shell: process.platform === 'win32', // commands of node_modules/.bin are scripts there
  });
  forwardSignals(child);
  try {
    await once(child, 'spawn');
  } catch (error) {
    console.error(`redis: cannot run ${file}: ${error instanceof Error ? error.message : error}`);
    return 127;
  }
  endWithUs(child);
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  process.on('SIGINT', () => {
    // A terminal sends Ctrl-C to the command as well, and a second one often means "at once".
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
}

/** @param {NodeJS.ProcessEnv} variables */
async function waitForCtrlC(variables) {
  const stayAlive = setInterval(() => {}, 60_000);
  const ended = new Promise((end) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, end)));
  // Whoever reads this may send the signal at once.
  for (const [name, value] of Object.entries(variables)) if (value) console.log(`${name}=${value}`);
  await ended;
  clearInterval(stayAlive);
  return 0;
}

await main(process.argv.slice(2)).catch((error) => {
  console.error(`redis: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
