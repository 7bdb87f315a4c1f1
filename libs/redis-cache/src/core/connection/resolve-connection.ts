import type { ClusterOptions, RedisOptions } from 'ioredis';
import {
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireInteger,
  requireObject,
  requireOneOf,
  requireString,
  toMs,
} from '../common/index.js';
import type { ConnectionTarget, RedisClient, ResolvedConnection } from './connection.options.js';
import { parseHostAndPort, parseRedisUrl } from './redis-address.js';

type Given = Record<string, unknown>;
type Target = Pick<ResolvedConnection, 'target' | 'address'>;

const SHARED = ['connectTimeout', 'commandTimeout', 'keepAlive', 'retry', 'onBoot'];
const CREDENTIALS = ['username', 'password', 'db', 'tls'];
const NOT_YET = ['sentinels', 'name', 'minReplicas'];

const TARGETS = {
  url: { accepts: CREDENTIALS, resolve: resolveUrl },
  host: { accepts: ['port', ...CREDENTIALS], resolve: resolveHost },
  path: { accepts: ['username', 'password', 'db'], resolve: resolvePath },
  cluster: { accepts: ['natMap', 'username', 'password', 'tls'], resolve: resolveCluster },
  client: { accepts: [], resolve: resolveClient },
};

/** Checks the options of one connection, once, at boot, and gives each its default. */
export function resolveConnection(option: string, name: string, options: unknown): ResolvedConnection {
  const given = requireObject(option, options);
  const kinds = Object.keys(TARGETS) as (keyof typeof TARGETS)[];
  const chosen = kinds.filter((kind) => given[kind] !== undefined);
  const [kind] = chosen;
  if (kind === undefined) {
    refuseUnknownKeys(option, given, { known: [...SHARED, ...CREDENTIALS, ...kinds], notYet: NOT_YET });
    return refuse(option, `one of ${kinds.join(', ')}`, undefined);
  }
  if (chosen.length > 1)
    throw new InvalidOptionError(option, `names ${chosen.join(' and ')}; a connection has exactly one of them.`);
  const { accepts, resolve } = TARGETS[kind];
  refuseUnknownKeys(option, given, { known: [...SHARED, kind, ...accepts], notYet: NOT_YET });
  return { name, ...resolve(option, given), ...resolveShared(option, given) };
}

function resolveShared(option: string, given: Given): Omit<ResolvedConnection, 'name' | keyof Target> {
  const retry = requireObject(`${option}.retry`, given.retry ?? {});
  refuseUnknownKeys(`${option}.retry`, retry, { known: ['attempts', 'delay'] });
  return {
    connectTimeoutMs: toMs(`${option}.connectTimeout`, given.connectTimeout ?? '5s'),
    commandTimeoutMs: toMs(`${option}.commandTimeout`, given.commandTimeout ?? '1s'),
    keepAliveMs: toMs(`${option}.keepAlive`, given.keepAlive ?? '30s', { min: 0 }),
    retry: {
      attempts: requireInteger(`${option}.retry.attempts`, retry.attempts ?? 3, { min: 1, max: 100 }),
      delayMs: toMs(`${option}.retry.delay`, retry.delay ?? '100ms', { min: 0 }),
    },
    onBoot: requireOneOf(`${option}.onBoot`, given.onBoot ?? 'degrade', ['degrade', 'fail']),
  };
}

function resolveUrl(option: string, given: Given): Target {
  const { host, port, tls, ...rest } = parseRedisUrl(`${option}.url`, given.url);
  for (const credential of ['username', 'password', 'db'] as const) {
    const twice = given[credential] !== undefined && rest[credential] !== undefined;
    if (twice) throw new InvalidOptionError(`${option}.${credential}`, 'stands in the url too. Give it once.');
  }
  const redis = { host, port, ...rest, ...resolveCredentials(option, { ...given, tls: given.tls ?? tls }) };
  return { target: { kind: 'standalone', redis }, address: `${host}:${port}` };
}

function resolveHost(option: string, given: Given): Target {
  const host = requireString(`${option}.host`, given.host);
  const port = requireInteger(`${option}.port`, given.port ?? 6379, { min: 1, max: 65_535 });
  const redis = { host, port, ...resolveCredentials(option, given) };
  return { target: { kind: 'standalone', redis }, address: `${host}:${port}` };
}

function resolvePath(option: string, given: Given): Target {
  const path = requireString(`${option}.path`, given.path);
  return { target: { kind: 'standalone', redis: { path, ...resolveCredentials(option, given) } }, address: path };
}

function resolveCluster(option: string, given: Given): Target {
  const list = given.cluster;
  if (!Array.isArray(list) || list.length === 0)
    return refuse(`${option}.cluster`, "an array such as ['10.0.0.1:6379']", list);
  const nodes = list.map((node: unknown, at) => parseHostAndPort(`${option}.cluster[${at}]`, node));
  const natMap = given.natMap as ClusterOptions['natMap'];
  const target: ConnectionTarget = {
    kind: 'cluster',
    nodes,
    redis: resolveCredentials(option, given),
    ...(natMap === undefined ? {} : { natMap }),
  };
  return { target, address: nodes.map(({ host, port }) => `${host}:${port}`).join(',') };
}

function resolveClient(option: string, given: Given): Target {
  const client = given.client as RedisClient;
  const usable = typeof client?.evalsha === 'function' && typeof client.getBuffer === 'function';
  if (!usable) return refuse(`${option}.client`, 'an ioredis client', given.client);
  if (client.options.keyPrefix) {
    throw new InvalidOptionError(
      `${option}.client`,
      "has a keyPrefix of its own, which scripts and scans do not see. Use the module's keyPrefix instead.",
    );
  }
  return { target: { kind: 'client', client }, address: addressOf(client) };
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
    ...(db === undefined ? {} : { db: requireInteger(`${option}.db`, db, { min: 0, max: 1_000_000 }) }),
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : requireObject(`${option}.tls`, tls) }),
  };
}
