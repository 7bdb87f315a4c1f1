#!/usr/bin/env node
// The tests of `npm test`, with TEST_SCALE=long: more rounds of those that search for rare interleavings. Arguments are
// those of Jest: `npm run test:long -- --selectProjects integration`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const TEST_TIMEOUT_MS = 10 * 60 * 1_000;

const startedAt = performance.now();
const child = spawn(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, TEST_SCALE: 'long' } },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'));

await once(child, 'exit');
console.log(`test:long took ${Math.round((performance.now() - startedAt) / 1_000)} s`);
process.exitCode = child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGTERM'];
