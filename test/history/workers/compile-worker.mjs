import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';

const ROOT = join(import.meta.dirname, '../../..');
const LIBRARY = 'node_modules/nestjs-redis-cache';
/** @type {import('@swc/core').Options} */
const SWC = {
  swcrc: false,
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/**
 * @typedef {object} CompiledWorker
 * @property {string} file the worker
 * @property {string} directory where everything that was compiled lies as it does in the project
 * @property {() => Promise<void>} remove removes what was compiled
 */

/**
 * The worker, the library and the sample, from their present sources, as JavaScript that Node 20 can run in a process of its own.
 * They lie in a directory of their own, so that test files that run side by side do not meet.
 *
 * @param {...string} folders of the project that are compiled as well
 * @returns {Promise<CompiledWorker>}
 */
export async function compileWorker(...folders) {
  const home = join(ROOT, '.cache/history');
  await mkdir(home, { recursive: true });
  const directory = await mkdtemp(join(home, 'worker-'));
  await compileAll(join(ROOT, 'libs/redis-cache/src'), join(directory, LIBRARY));
  for (const folder of ['test/history', 'apps/sample/src', ...folders])
    await compileAll(join(ROOT, folder), join(directory, folder));
  const exports = { '.': './index.js', './*': './*/index.js' };
  await writeFile(join(directory, LIBRARY, 'package.json'), JSON.stringify({ type: 'module', exports }));
  return {
    file: join(directory, 'test/history/workers/worker.js'),
    directory,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** @param {string} from @param {string} to */
async function compileAll(from, to) {
  const files = await readdir(from, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  await Promise.all(
    sources.map(async (source) => {
      const { code } = await transformFile(join(from, source), SWC);
      const target = join(to, source.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, code);
    }),
  );
}
