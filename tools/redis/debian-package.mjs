import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGE = 'redis-server';
const BINARY = '/usr/bin/redis-server';
const CACHE = fileURLToPath(new URL('../../.cache/redis/', import.meta.url));

/** dpkg insists on finding its tools; the last two keep init scripts and systemd from starting a service for the package. */
const environment = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  DEBIAN_FRONTEND: 'noninteractive',
  RUNLEVEL: '1',
  SYSTEMD_OFFLINE: '1',
};

/** @typedef {(line: string) => void} Say */
/** @typedef {[file: string, ...args: string[]]} Command */

/** @type {Promise<Command> | undefined} */
let inProgress;

/**
 * How to run the redis-server that Debian or Ubuntu offers. Root installs its package; anybody else unpacks it, and the
 * libraries it needs, in the project's cache folder.
 *
 * @param {Say} say
 */
export function debianRedisServer(say) {
  inProgress ??= findOrFetch(say).finally(() => (inProgress = undefined));
  return inProgress;
}

/** @param {Say} say @returns {Promise<Command>} */
async function findOrFetch(say) {
  await run('apt-get', ['--version']).catch(() => {
    throw new Error('there is no apt-get on the PATH, so this is not Debian or Ubuntu');
  });

  const isRoot = process.getuid?.() === 0;
  if (isRoot && (await isExecutable(BINARY))) return [BINARY];

  const folder = join(CACHE, await distribution());
  if (await isExecutable(join(folder, BINARY))) return unpackedCommand(folder);

  if (isRoot && (await install(say))) return [BINARY];
  await unpackInto(folder, say);
  return unpackedCommand(folder);
}

/** @param {Say} say */
async function install(say) {
  const command = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', PACKAGE];
  say(`installing the package ${PACKAGE} with apt-get`);
  try {
    await run('apt-get', command).catch(async () => {
      await run('apt-get', ['update']).catch(() => {}); // one unreachable source is no obstacle to the others
      await run('apt-get', command);
    });
  } catch (error) {
    say(`that failed: ${error instanceof Error ? error.message : error}`);
    return false;
  }
  await run('update-rc.d', [PACKAGE, 'disable']).catch(() => {}); // nobody asked for a service at the next boot either
  return true;
}

/** @param {string} folder @param {Say} say */
async function unpackInto(folder, say) {
  say(`unpacking the package ${PACKAGE} in .cache/redis`);
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'unpacking-'));
  try {
    for (const part of ['lists/partial', 'cache/archives/partial', 'root']) {
      await mkdir(join(work, part), { recursive: true });
    }
    const cache = ['-o', `Dir::Cache=${work}/cache`, '-o', 'APT::Sandbox::User='];
    const ownLists = [...cache, '-o', `Dir::State::Lists=${work}/lists`];
    await download(work, cache).catch(async () => {
      await run('apt-get', [...ownLists, 'update']);
      await download(work, ownLists);
    });
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg', ['-x', join(work, file), join(work, 'root')]);
    }
    await rename(join(work, 'root'), folder).catch(async (error) => {
      if (!(await isExecutable(join(folder, BINARY)))) throw error; // else another process was first
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @param {string} work @param {string[]} aptOptions */
async function download(work, aptOptions) {
  const simulation = await run('apt-get', [...aptOptions, '-s', 'install', '--no-install-recommends', PACKAGE]);
  const missing = [...simulation.matchAll(/^Inst (\S+)/gm)].map(([, name]) => String(name));
  // In Debian redis-server is a link to a program of redis-tools, so both are needed even where one is installed.
  await run('apt-get', [...aptOptions, 'download', ...new Set([...missing, PACKAGE, 'redis-tools'])], work);
}

/** @param {string} folder @returns {Promise<Command>} */
async function unpackedCommand(folder) {
  const libraries = [];
  for (const parent of ['usr/lib', 'lib']) {
    const names = await readdir(join(folder, parent)).catch(() => []);
    libraries.push(...names.filter((name) => name.includes('-linux-gnu')).map((name) => join(folder, parent, name)));
  }
  return ['env', `LD_LIBRARY_PATH=${libraries.join(':')}`, join(folder, BINARY)];
}

/** The cache folder may be shared between machines, such as a laptop and its containers. */
async function distribution() {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? 'unknown';
  return `${field('ID')}-${field('VERSION_ID')}-${process.arch}`;
}

/** @param {string} command @param {string[]} args @param {string} [cwd] */
async function run(command, args, cwd) {
  const { stdout } = await promisify(execFile)(command, args, { cwd, env: environment, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

/** @param {string} file */
export function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
