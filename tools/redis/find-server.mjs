import { execFile } from 'node:child_process';
import { join, delimiter } from 'node:path';
import { promisify } from 'node:util';
import { debianRedisServer, isExecutable } from './debian-package.mjs';
import { dockerServers } from './docker.mjs';
import { allOrNone, startServerProcess } from './server-process.mjs';

/**
 * @typedef {'path' | 'docker' | 'package'} Source
 *
 * @typedef {object} Server
 * @property {Source} source
 * @property {string} url
 * @property {string} host
 * @property {number} port
 * @property {number | undefined} pid the process id of the server itself, which stays reserved until `stop()`, also
 *   when the server has died before; unknown for a server in a container
 * @property {string | undefined} dir its data directory; unknown for a server in a container, unless you gave one
 * @property {() => Promise<void>} stop ends it and removes its data, but leaves a directory that you gave
 * @property {() => Promise<void>} kill ends it like a crash, with SIGKILL; its data stays until `stop()`
 *
 * @typedef {object} ServerSource
 * @property {Source} source
 * @property {string} description
 * @property {(wanted: ServerOptions[]) => Promise<Server[]>} startTogether all of them or, with an error, none
 *
 * @typedef {import('./server-process.mjs').ServerOptions} ServerOptions
 * @typedef {(line: string) => void} Say
 */

/** The ways to a server of our own, in order of preference. The variable REDIS_SOURCE insists on one of them. */
const WAYS = { path: onPath, docker: dockerServers, package: fromPackage };

/**
 * @param {Say} say
 * @returns {Promise<ServerSource>}
 */
export async function findServer(say) {
  const only = process.env.REDIS_SOURCE;
  const reasons = [];
  for (const [name, way] of Object.entries(WAYS)) {
    if (only && only !== name) {
      reasons.push(`${name}: left out, because REDIS_SOURCE=${only}`);
      continue;
    }
    try {
      return await way(say);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(
    [
      'No Redis was found. There are four ways to have one, and none applies here:',
      `REDIS_URL: ${process.env.REDIS_URL ? 'set, but a server of our own is needed here' : 'not set'}`,
      ...reasons,
    ].join('\n  - ') + '\nInstall redis-server or valkey-server, start Docker, or set REDIS_URL.',
  );
}

async function onPath() {
  const file = await findOnPath('redis-server', 'valkey-server');
  if (!file) throw new Error('neither redis-server nor valkey-server is on the PATH');
  return localServer('path', [file], file);
}

/** @param {Say} say */
async function fromPackage(say) {
  return localServer('package', await debianRedisServer(say), 'the package redis-server of this distribution');
}

/**
 * @param {Source} source
 * @param {[file: string, ...args: string[]]} command
 * @param {string} origin
 * @returns {Promise<ServerSource>}
 */
async function localServer(source, command, origin) {
  const [file, ...args] = command;
  const { stdout } = await promisify(execFile)(file, [...args, '--version']);
  const [, name, version] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
  return {
    source,
    description: `${name} ${version}, ${origin}`,
    startTogether: (wanted) => allOrNone(wanted.map((options) => startServerProcess(source, command, options))),
  };
}

/** @param {string[]} names in order of preference */
async function findOnPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const file of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    if (await isExecutable(file)) return file;
  }
  return undefined;
}
