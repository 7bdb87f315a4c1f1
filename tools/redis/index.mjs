import { formCluster, nodeArguments, relax } from './cluster.mjs';
import { findServer } from './find-server.mjs';

export { freePort } from './server-process.mjs';

/** @typedef {import('./find-server.mjs').Server} Server */
/** @typedef {import('./server-process.mjs').ServerOptions} ServerOptions */
/** @typedef {{ source: 'url' | 'path' | 'docker' | 'package', url: string, port: number, stop: () => Promise<void> }} Redis */
/** @typedef {{ nodes: Server[], urls: string[], stop: () => Promise<void> }} Cluster */

/**
 * A Redis to develop with: the one of REDIS_URL, which `stop()` leaves alone, else a fresh server. REDIS_SOURCE insists on
 * one of the ways to a fresh server: `path`, `docker` or `package`.
 *
 * @param {{ args?: string[], quiet?: boolean }} [options] the arguments are for a fresh server
 * @returns {Promise<Redis>}
 */
export async function launchRedis({ args, quiet } = {}) {
  const { REDIS_URL: url, REDIS_SOURCE: forced } = process.env;
  if (!url || forced) return launchServer({ args, quiet });

  const { hostname, port } = new URL(url);
  announce(`${await versionAt(url)} of REDIS_URL at ${hostname}, port ${port || 6379}`, quiet);
  return { source: 'url', url, port: Number(port || 6379), stop: async () => {} };
}

/**
 * A fresh server, never the one of REDIS_URL: flush it, stop it, reconfigure it, pause it.
 *
 * @param {ServerOptions & { quiet?: boolean }} [options]
 * @returns {Promise<Server>}
 */
export async function launchServer({ quiet, ...options } = {}) {
  const [server] = await start([options], quiet);
  return /** @type {Server} */ (server);
}

/**
 * Several fresh servers that know nothing of each other.
 *
 * @param {number} count
 * @param {{ args?: string[], quiet?: boolean }} [options]
 * @returns {Promise<Server[]>}
 */
export async function launchServers(count, { args, quiet } = {}) {
  return start(Array(count).fill({ args }), quiet);
}

/**
 * A fresh cluster that is ready for writes; `replicas` is the number for each primary, and primaries come first in `nodes`.
 * The arguments of its nodes may not ask for a password.
 *
 * @param {{ primaries?: number, replicas?: number, args?: string[], quiet?: boolean }} [options]
 * @returns {Promise<Cluster>}
 */
export async function launchCluster({ primaries = 3, replicas = 0, args = [], quiet } = {}) {
  const options = { args: () => nodeArguments(args) };
  const nodes = await start(Array(primaries * (1 + replicas)).fill(options), quiet);
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    await formCluster(nodes, primaries);
    if (!args.includes('--cluster-node-timeout')) await relax(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, urls: nodes.map(({ url }) => url), stop };
}

/** @param {ServerOptions[]} wanted @param {boolean} [quiet] */
async function start(wanted, quiet) {
  const found = await findServer((line) => announce(line, quiet));
  const servers = await found.startTogether(wanted);
  announce(`${found.description}, port ${servers.map(({ port }) => port).join(', ')}`, quiet);
  return servers;
}

/** @param {string} line @param {boolean} [quiet] */
function announce(line, quiet) {
  if (!quiet) console.error(`redis: ${line}`);
}

/** Whoever set REDIS_URL wants to know at once when nothing answers there. @param {string} url */
async function versionAt(url) {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 3_000, retryStrategy: null });
  /** @type {Error | undefined} */
  let reason;
  client.on('error', (error) => (reason = error));
  try {
    await client.connect();
    const info = await client.info('server').catch(() => ''); // a user may lack the right to ask
    const [, name = 'Redis', version = ''] =
      /(valkey)_version:(\S+)/.exec(info) ?? /(redis)_version:(\S+)/.exec(info) ?? [];
    return `${name} ${version}`;
  } catch (error) {
    throw new Error(`REDIS_URL is set, but Redis does not answer there: ${reason?.message ?? error}`, { cause: error });
  } finally {
    client.disconnect();
  }
}
