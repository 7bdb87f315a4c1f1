import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertSuccess, parseJson, runCommand } from './run-command.mjs';

const LIBRARY = join(import.meta.dirname, '../../libs/redis-cache');
const NEEDED = /^(package\.json|README\.md|LICENSE|dist\/cjs\/package\.json|dist\/(cjs|esm)\/.+\.(js|d\.ts))$/;

/** @typedef {{ file: string, contents: string[] }} Tarball */

/**
 * Packs what `npm run build:lib` has built.
 *
 * @param {string} destination
 * @returns {Promise<Tarball>}
 */
export async function packLibrary(destination) {
  const outcome = await runCommand('npm', ['pack', LIBRARY, '--json', '--pack-destination', destination], {
    seconds: 60,
  });
  assertSuccess(outcome);
  const [packed] = /** @type {{ filename: string, files: { path: string }[] }[]} */ (parseJson(outcome.stdout));
  assert(packed);
  return { file: join(destination, packed.filename), contents: packed.files.map(({ path }) => path) };
}

/** @param {Tarball} tarball @param {import('./checks.mjs').Checks} checks */
export async function checkTarball({ contents }, { check }) {
  await check('the tarball holds a README, a licence and both builds', () => {
    const required = ['README.md', 'LICENSE', 'package.json', 'dist/esm/index.js', 'dist/cjs/index.js'];
    assert.deepEqual(
      required.filter((path) => !contents.includes(path)),
      [],
    );
  });
  await check('the tarball holds nothing but what a user needs: no tests, no source maps, no sources', () => {
    const superfluous = contents.filter((path) => !NEEDED.test(path) || /[.-]spec\.|\.map$/.test(path));
    assert.deepEqual(superfluous, []);
  });
  await check('both builds hold the same modules, so nothing is left from an earlier build', () => {
    const modulesOf = (/** @type {string} */ build) =>
      contents
        .filter((path) => path.startsWith(build) && !path.endsWith('.json'))
        .map((path) => path.slice(build.length));
    assert.deepEqual(modulesOf('dist/cjs/'), modulesOf('dist/esm/'));
  });
}
