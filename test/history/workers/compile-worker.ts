import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Options, transformFile } from '@swc/core';

const ROOT = join(import.meta.dirname, '../../..');
const LIBRARY = 'node_modules/nestjs-redis-cache';
const SWC: Options = {
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

export interface CompiledWorker {
  readonly file: string;
  /** Removes what was compiled. */
  remove(): Promise<void>;
}

/**
 * The worker and the library, from their present sources, as JavaScript that Node 20 can run in a process of its own.
 * They lie in a directory of their own, so that test files that run side by side do not meet.
 */
export async function compileWorker(): Promise<CompiledWorker> {
  const home = join(ROOT, '.cache/history');
  await mkdir(home, { recursive: true });
  const directory = await mkdtemp(join(home, 'worker-'));
  await compileAll(join(ROOT, 'libs/redis-cache/src'), join(directory, LIBRARY));
  await compileAll(import.meta.dirname, directory);
  await writeFile(join(directory, LIBRARY, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  return { file: join(directory, 'worker.js'), remove: () => rm(directory, { recursive: true, force: true }) };
}

async function compileAll(from: string, to: string): Promise<void> {
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
