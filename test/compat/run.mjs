#!/usr/bin/env node
// Uses the packed library as its users do: installs the tarball in an application of Nest 11 (CommonJS, ioredis 5) and in
// one of Nest 12 (ES modules, ioredis 6), compiles them, and runs them on one Redis and on a cluster.
//
//   npm run build:lib && node test/compat/run.mjs [--outputFile=<file>] [nest-11-app] [nest-12-app]
//
// The file gets the counts, under the names that Jest gives them in its own report.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchCluster, launchServer } from '../../tools/redis/index.mjs';
import { createChecks } from './checks.mjs';
import { checkApplication, checkCopies, checkUnderJest, prepareConsumer } from './consumer.mjs';
import { isInterrupted } from './run-command.mjs';
import { checkTarball, packLibrary } from './tarball.mjs';

const FIXTURES = ['nest-11-app', 'nest-12-app'];

const {
  values: { outputFile },
  positionals: chosen,
} = parseArgs({ options: { outputFile: { type: 'string' } }, allowPositionals: true });
const checks = createChecks();
const [server, cluster] = await Promise.all([launchServer(), launchCluster()]);
const work = await mkdtemp(join(tmpdir(), 'compat-'));
try {
  await run();
} finally {
  await Promise.all([server.stop(), cluster.stop(), rm(work, { recursive: true, force: true })]);
}

const { passed, failed } = checks.counts();
if (outputFile) await writeFile(outputFile, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || isInterrupted() ? 1 : 0;

async function run() {
  /** @type {import('./consumer.mjs').Topology[]} */
  const topologies = [
    { name: 'standalone', env: { REDIS_URL: server.url } },
    {
      name: 'cluster',
      env: { REDIS_CLUSTER_NODES: cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(',') },
    },
  ];
  const tarball = await packLibrary(work);
  await checkTarball(tarball, checks);

  for (const fixture of chosen.length > 0 ? chosen : FIXTURES) {
    const folder = await prepareConsumer({ fixture, work, tarball: tarball.file }, checks);
    if (!folder || isInterrupted()) continue;
    await checkCopies(fixture, folder, checks);
    for (const topology of topologies) {
      await checkApplication(fixture, folder, topology, checks);
      await checkUnderJest(fixture, folder, topology, checks);
    }
  }
}
