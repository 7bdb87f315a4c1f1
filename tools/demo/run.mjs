#!/usr/bin/env node
// `npm run demo`. The demo and the library are compiled from their sources, so that nothing has to be built before.
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { compileWorker } from '../../test/history/workers/compile-worker.mjs';
import { launchServer } from '../redis/index.mjs';

const MOST_MS = 5 * 60_000;

// The server and the workers end with this process, however it ends.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

try {
  const { directory, file } = await compileWorker('tools/demo');
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  /** @type {typeof import('./demo.ts')} */
  const { demo } = await import(pathToFileURL(join(directory, 'tools/demo/demo.js')).href);

  setTimeout(() => fail(`not finished after ${MOST_MS / 60_000} minutes`), MOST_MS).unref();
  const server = await launchServer();
  const promisesKept = await demo(server, file);
  await server.stop();
  process.exitCode = promisesKept ? 0 : 1;
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** @param {string} reason */
function fail(reason) {
  console.error(`demo: ${reason}`);
  process.exit(1);
}
