#!/usr/bin/env node
// Puts the text of each `lua/*.lua` of the libraries into a generated `lua/index.ts` beside it, so that the published
// package reads no files. A line `-- @include name` stands for `lua/includes/name.lua`. `--check` changes nothing and fails when a generated file is not up to date.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const checkOnly = process.argv.includes('--check');

/** @type {Map<string, string[]>} */
const folders = new Map();
for (const file of await luaFiles()) folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);

for (const [folder, files] of folders) {
  const target = join(folder, 'index.ts');
  const expected = await generate(files);
  const present = await readFile(join(root, target), 'utf8').catch(() => undefined);
  if (present === expected) continue;
  if (checkOnly) {
    console.error(`${target} is not up to date: run \`npm run lua\` and commit the result.`);
    process.exitCode = 1;
  } else {
    await writeFile(join(root, target), expected);
    console.log(`${target}: ${files.length} scripts`);
  }
}

async function luaFiles() {
  const libraries = await readdir(join(root, 'libs'));
  const listings = libraries.map(async (library) => {
    const files = await readdir(join(root, 'libs', library, 'src'), { recursive: true });
    return files.filter((file) => /lua[/\\][^/\\]+\.lua$/.test(file)).map((file) => join('libs', library, 'src', file));
  });
  return (await Promise.all(listings)).flat().sort();
}

/** @param {string[]} files */
async function generate(files) {
  const scripts = await Promise.all(
    files.map(async (file) => `  ${nameOf(file)}: ${JSON.stringify(await readScript(join(root, file)))},`),
  );
  return [
    '// Generated from the .lua files of this folder by `npm run lua`. Do not edit.',
    'export const lua = {',
    ...scripts,
    '} as const;',
    '',
  ].join('\n');
}

/** @param {string} file @returns {Promise<string>} */
async function readScript(file) {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const expanded = lines.map(async (line) => {
    const include = /^-- @include (\S+)$/.exec(line)?.[1];
    return include === undefined ? line : readFile(join(dirname(file), 'includes', `${include}.lua`), 'utf8');
  });
  return (await Promise.all(expanded)).join('\n');
}

/** `fill-lease.lua` becomes `fillLease`. @param {string} file */
function nameOf(file) {
  return basename(file, '.lua').replace(/-(.)/g, (_, letter) => String(letter).toUpperCase());
}
