import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './ask.mjs';
import { freePort } from './server-process.mjs';

/** @typedef {import('./find-server.mjs').Server} Server */

const SLOTS = 16_384;
const READY_DEADLINE_MS = 30_000;
const NODE_TIMEOUT = 'cluster-node-timeout';

/**
 * The arguments of a cluster node. Its bus has a port of its own, because the default, port + 10000, may be above 65535.
 * Nodes tell each other news at least twice per node timeout, so that a short one makes a cluster quickly.
 *
 * @param {string[]} args
 */
export async function nodeArguments(args) {
  const bus = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
  const haste = [`--${NODE_TIMEOUT}`, '1000', '--repl-diskless-sync-delay', '0'];
  return [...bus, ...haste, ...args];
}

/** On a busy machine a node timeout of a second would declare nodes dead that are merely slow. @param {Server[]} nodes */
export async function relax(nodes) {
  await Promise.all(nodes.map((node) => ask(node, 'CONFIG', 'SET', NODE_TIMEOUT, '5000')));
}

/**
 * Makes a cluster of fresh nodes; the first ones become its primaries. Redis itself lets about two seconds pass before
 * new nodes accept writes.
 *
 * @param {Server[]} nodes
 * @param {number} primaryCount
 */
export async function formCluster(nodes, primaryCount) {
  const primaries = nodes.slice(0, primaryCount);
  const replicas = nodes.slice(primaryCount);
  const [seed, ...others] = nodes;
  if (!seed) return;

  for (const [index, primary] of primaries.entries()) {
    await ask(primary, 'CLUSTER', 'ADDSLOTS', ...slotsOf(index, primaryCount));
    await ask(primary, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const node of others) await ask(node, 'CLUSTER', 'MEET', seed.host, String(seed.port), await busPort(seed));
  await every(nodes, 'meet the others', async (node) => (await acquaintances(node)) === nodes.length);

  for (const [index, replica] of replicas.entries()) {
    const primary = primaries[index % primaryCount] ?? seed;
    await ask(replica, 'CLUSTER', 'REPLICATE', await ask(primary, 'CLUSTER', 'MYID'));
  }
  await every(replicas, 'follow its primary', async (node) =>
    (await ask(node, 'INFO', 'replication')).includes('master_link_status:up'),
  );
  await every(nodes, 'know all slots and replicas', async (node) => {
    const [info, table] = await Promise.all([ask(node, 'CLUSTER', 'INFO'), ask(node, 'CLUSTER', 'NODES')]);
    const knowsReplicas = (table.match(/ (myself,)?slave /g) ?? []).length === replicas.length;
    // Without full coverage a node says ok as soon as it may answer, before it has heard whose the other slots are.
    const knowsSlots = info.includes(`cluster_slots_assigned:${SLOTS}`);
    return info.includes('cluster_state:ok') && knowsSlots && knowsReplicas;
  });
}

/** @param {number} index @param {number} primaryCount */
function slotsOf(index, primaryCount) {
  const [from, to] = [index, index + 1].map((part) => Math.floor((SLOTS * part) / primaryCount));
  return Array.from({ length: Number(to) - Number(from) }, (_, offset) => String(Number(from) + offset));
}

/** @param {Server} node */
async function busPort(node) {
  const [, port] = /@(\d+)[^\n]* myself/.exec(await ask(node, 'CLUSTER', 'NODES')) ?? [];
  return String(port);
}

/** How many nodes this one has finished to shake hands with, itself included. @param {Server} node */
async function acquaintances(node) {
  const lines = (await ask(node, 'CLUSTER', 'NODES')).trim().split('\n');
  return lines.filter((line) => !/handshake|fail|noaddr/.test(line)).length;
}

/** @param {Server[]} nodes @param {string} goal @param {(node: Server) => Promise<boolean>} reached */
async function every(nodes, goal, reached) {
  const deadline = Date.now() + READY_DEADLINE_MS;
  await Promise.all(
    nodes.map(async (node) => {
      while (!(await reached(node))) {
        if (Date.now() > deadline) throw new Error(`The cluster node on port ${node.port} did not ${goal} in time`);
        await delay(20);
      }
    }),
  );
}
