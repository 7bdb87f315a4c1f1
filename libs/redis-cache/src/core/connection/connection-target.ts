import type { ClusterOptions, RedisOptions } from 'ioredis';
import { InvalidOptionError, refuse, refuseUnknownKeys, requireObject, requireString } from '../common/index.js';
import type { ConnectionTarget, RedisClient, ResolvedConnection } from './connection.options.js';
import { parseHostAndPort, parseRedisUrl, requireDb, requireHost, requirePort } from './redis-address.js';

type Given = Record<string, unknown>;
export type ResolvedTarget = Pick<ResolvedConnection, 'target' | 'address'>;

const CREDENTIALS = ['username', 'password', 'db', 'tls'];

/** The five ways to say where Redis is, each with the options that make sense beside it. */
export const TARGETS = {
  url: { accepts: CREDENTIALS, resolve: resolveUrl },
  host: { accepts: ['port', ...CREDENTIALS], resolve: resolveHost },
  path: { accepts: ['username', 'password', 'db'], resolve: resolvePath },
  cluster: { accepts: ['natMap', 'username', 'password', 'tls'], resolve: resolveCluster },
  client: { accepts: [], resolve: resolveClient },
} satisfies Record<string, { accepts: string[]; resolve: (option: string, given: Given) => ResolvedTarget }>;

function resolveUrl(option: string, given: Given): ResolvedTarget {
  const { host, port, tls: isSecure, ...inUrl } = parseRedisUrl(`${option}.url`, given.url);
  for (const credential of ['username', 'password', 'db'] as const) {
    const twice = given[credential] !== undefined && inUrl[credential] !== undefined;
    if (twice) throw new InvalidOptionError(`${option}.${credential}`, 'stands in the url too. Give it once.');
  }
  if (isSecure && given.tls === false)
    throw new InvalidOptionError(
      `${option}.tls`,
      'is false, but the url begins with rediss://. Remove one of the two.',
    );
  const { tls = isSecure } = given;
  const redis = { host, port, ...inUrl, ...resolveCredentials(option, { ...given, tls }) };
  return { target: { kind: 'standalone', redis }, address: `${host}:${port}` };
}

function resolveHost(option: string, given: Given): ResolvedTarget {
  const host = requireHost(`${option}.host`, given.host);
  const port = given.port === undefined ? 6379 : requirePort(`${option}.port`, given.port);
  const redis = { host, port, ...resolveCredentials(option, given) };
  return { target: { kind: 'standalone', redis }, address: `${host}:${port}` };
}

function resolvePath(option: string, given: Given): ResolvedTarget {
  const { path } = given;
  if (typeof path !== 'string' || !isSocketPath(path))
    return refuse(`${option}.path`, 'the path of a unix socket', path);
  return { target: { kind: 'standalone', redis: { path, ...resolveCredentials(option, given) } }, address: path };
}

/** A URL is none, with or without its scheme: as the address of the connection its password would be logged. */
function isSocketPath(text: string): boolean {
  return text !== '' && !text.includes('://') && (/^[./\\]/.test(text) || !/[@:]/.test(text));
}

function resolveCluster(option: string, given: Given): ResolvedTarget {
  const list = given.cluster;
  if (!Array.isArray(list) || list.length === 0)
    return refuse(`${option}.cluster`, "an array such as ['10.0.0.1:6379']", list);
  const nodes = list.map((node: unknown, at) => parseHostAndPort(`${option}.cluster[${at}]`, node));
  const target: ConnectionTarget = {
    kind: 'cluster',
    nodes,
    redis: resolveCredentials(option, given),
    ...(given.natMap === undefined ? {} : { natMap: requireNatMap(`${option}.natMap`, given.natMap) }),
  };
  return { target, address: nodes.map(({ host, port }) => `${host}:${port}`).join(',') };
}

function requireNatMap(option: string, given: unknown): ClusterOptions['natMap'] {
  if (typeof given === 'function') return given as ClusterOptions['natMap'];
  if (!isObject(given) || !Object.keys(given).every(isAddress))
    return refuse(option, "an object of 'host:port' to { host, port }, or a function", given);
  for (const [address, mapped] of Object.entries(given)) {
    const { host, port, ...others } = requireObject(`${option}.${address}`, mapped);
    requireHost(`${option}.${address}.host`, host);
    requirePort(`${option}.${address}.port`, port);
    refuseUnknownKeys(`${option}.${address}`, others, { known: ['host', 'port'] });
  }
  return given as ClusterOptions['natMap'];
}

/** As the nodes of a cluster name each other: the address of IPv6 has no brackets there. */
function isAddress(text: string): boolean {
  return /^[\w.:-]+:\d+$/.test(text);
}

function resolveClient(option: string, given: Given): ResolvedTarget {
  const client = given.client as RedisClient;
  if (!isIoredisClient(client)) return refuse(`${option}.client`, 'an ioredis client', client);
  if (client.options.keyPrefix) {
    throw new InvalidOptionError(
      `${option}.client`,
      "has a keyPrefix of its own, which scripts and scans do not see. Use the module's keyPrefix instead.",
    );
  }
  return { target: { kind: 'client', client }, address: addressOf(client) };
}

function isIoredisClient(given: Partial<RedisClient> | null | undefined): boolean {
  const runsCommands = typeof given?.evalsha === 'function' && typeof given.getBuffer === 'function';
  return runsCommands && typeof given.options === 'object' && given.options !== null;
}

function addressOf(client: RedisClient): string {
  if (client.isCluster) return "your client's cluster";
  const { path, host, port } = (client as { options: RedisOptions }).options;
  return path ?? `${host ?? 'localhost'}:${port ?? 6379}`;
}

function resolveCredentials(option: string, given: Given): RedisOptions {
  const { username, password, db, tls } = given;
  return {
    ...(username === undefined ? {} : { username: requireString(`${option}.username`, username) }),
    ...(password === undefined ? {} : { password: requireString(`${option}.password`, password) }),
    ...(db === undefined ? {} : { db: requireDb(`${option}.db`, db) }),
    ...(tls === undefined || tls === false ? {} : { tls: requireTls(`${option}.tls`, tls) }),
  };
}

function requireTls(option: string, given: unknown): NonNullable<RedisOptions['tls']> {
  if (given === true) return {};
  return isObject(given) ? given : refuse(option, 'true, false or an object', given);
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}
