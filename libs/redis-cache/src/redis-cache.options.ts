import { type CacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from './cache/index.js';
import { InvalidOptionError, refuse, refuseUnknownKeys, requireObject } from './core/common/index.js';
import {
  type ConnectionOptions,
  DEFAULT_CONNECTION,
  type ResolvedConnection,
  resolveConnection,
  warnOfResending,
} from './core/connection/index.js';
import { requirePrefix } from './core/keys/index.js';
import { type LockOptions, type ResolvedLockOptions, resolveLockOptions } from './lock/index.js';
import { type RateLimitOptions, type ResolvedRateLimitOptions, resolveRateLimitOptions } from './rate-limit/index.js';
import { type ResolvedSessionOptions, resolveSessionOptions, type SessionOptions } from './session/index.js';

interface FeatureOptions {
  /** What every key begins with. Give each application that shares a Redis its own. No braces. @default 'app' */
  readonly keyPrefix?: string;
  readonly cache?: CacheOptions;
  readonly lock?: LockOptions;
  /** Limits of `@RateLimit`, `RateLimitGuard` and `RateLimitService`. */
  readonly rateLimit?: RateLimitOptions;
  readonly session?: SessionOptions;
}

interface OneConnection {
  /** The one Redis of this application. */
  readonly connection: ConnectionOptions;
  readonly connections?: never;
}

interface NamedConnections {
  /**
   * Several, by name; one of them is `default`. `forRootAsync` needs the names a second time, in its own
   * `connections: ['default', …]`, because injection tokens cannot come out of a factory: without them only the default
   * one can be injected, and the others serve as the `connection` of a cache.
   */
  readonly connections: Readonly<Record<string, ConnectionOptions>>;
  readonly connection?: never;
}

/** The options of `RedisCacheModule.forRoot` and of what the factory of `forRootAsync` returns. */
export type RedisCacheOptions = FeatureOptions & (OneConnection | NamedConnections);

export interface ResolvedRedisCacheOptions {
  readonly keyPrefix: string;
  readonly connections: readonly ResolvedConnection[];
  readonly cache: ResolvedCacheOptions;
  readonly lock: ResolvedLockOptions;
  readonly rateLimit: ResolvedRateLimitOptions;
  readonly session: ResolvedSessionOptions;
  readonly warnings: readonly string[];
}

/** Which connections the module provides tokens for: those it was told of, or, told of none, the default one. */
export type DeclaredConnections = readonly string[] | undefined;

const SOURCES = ['useFactory', 'useClass', 'useExisting'];
const NOT_YET = ['encryption'];

/**
 * Checks all options, once, at boot, and gives each its default.
 * @throws InvalidOptionError naming the option, what was given and what is accepted
 */
export function resolveRedisCacheOptions(options: unknown, declared: DeclaredConnections): ResolvedRedisCacheOptions {
  const given = requireRootOptions(options);
  refuseUnknownKeys('', given, {
    known: ['connection', 'connections', 'keyPrefix', 'cache', 'lock', 'rateLimit', 'session'],
    notYet: NOT_YET,
  });
  const connections = resolveConnections(given);
  const names = connections.map(({ name }) => name);
  assertNames(names, declared);
  const { keyPrefix = 'app' } = given;
  const cache = resolveCacheOptions('cache', given.cache);
  return {
    keyPrefix: requirePrefix('keyPrefix', keyPrefix),
    connections,
    cache,
    lock: resolveLockOptions('lock', given.lock),
    rateLimit: resolveRateLimitOptions('rateLimit', given.rateLimit),
    session: resolveSessionOptions('session', given.session),
    warnings: [
      ...cache.warnings,
      ...(declared === undefined ? warnOfUndeclared(names) : []),
      ...warnOfSharedServers(connections),
      ...connections.flatMap(warnOfResending),
    ],
  };
}

/** Options come from JavaScript and from factories too: there they may be anything. */
export function requireRootOptions(options: unknown): Record<string, unknown> {
  return requireObject('The options of RedisCacheModule', options);
}

/** Checks what was given to `forRootAsync`, before its factory has run. */
export function requireAsyncOptions(options: unknown): void {
  const path = 'forRootAsync';
  const given = requireObject(path, options);
  refuseUnknownKeys(path, given, { known: ['isGlobal', 'imports', 'connections', 'inject', ...SOURCES] });
  const sources = SOURCES.filter((source) => given[source] !== undefined);
  if (sources.length !== 1) {
    const got = sources.length === 0 ? 'none of them' : sources.join(' and ');
    throw new InvalidOptionError(path, `expected one of ${SOURCES.join(', ')}, got ${got}.`);
  }
  const { useFactory, connections } = given;
  if (useFactory !== undefined && typeof useFactory !== 'function')
    refuse(`${path}.useFactory`, 'a function that makes the options', useFactory);
  if (connections !== undefined) assertDefault(`${path}.connections`, requireNames(`${path}.connections`, connections));
}

/** Checks what was given to `forFeature`; each namespace checks its options itself. */
export function requireFeatures(features: unknown): void {
  if (!Array.isArray(features)) return refuse('forFeature', "an array such as [{ namespace: 'products' }]", features);
  features.forEach((feature: unknown, at) => requireObject(`forFeature[${at}]`, feature));
}

/** The names of the connections that options bring, before they are checked. There must be a default one. */
export function connectionNamesOf({ connections }: { readonly connections?: unknown }): string[] {
  const names = typeof connections === 'object' && connections !== null ? Object.keys(connections) : [];
  return [...new Set([DEFAULT_CONNECTION, ...names])];
}

function resolveConnections({ connection, connections }: Record<string, unknown>): readonly ResolvedConnection[] {
  if (connections === undefined) {
    if (connection === undefined)
      throw new InvalidOptionError(
        'connection',
        "expected how Redis is reached, such as { url: 'redis://localhost:6379' }, got nothing.",
      );
    return [resolveConnection('connection', DEFAULT_CONNECTION, connection)];
  }
  if (connection !== undefined)
    throw new InvalidOptionError('connections', 'stands beside connection. Give one of them.');
  const given = requireObject('connections', connections);
  return Object.entries(given).map(([name, options]) => resolveConnection(`connections.${name}`, name, options));
}

function requireNames(option: string, names: unknown): readonly string[] {
  const isList = Array.isArray(names) && names.every((name): name is string => typeof name === 'string');
  return isList ? names : refuse(option, "the names of connections, such as ['default', 'durable']", names);
}

function assertDefault(option: string, names: readonly string[]): void {
  if (names.includes(DEFAULT_CONNECTION)) return;
  throw new InvalidOptionError(option, `expected one named "${DEFAULT_CONNECTION}", got ${list(names)}.`);
}

function assertNames(configured: readonly string[], declared: DeclaredConnections): void {
  assertDefault('connections', configured);
  if (declared === undefined) return;
  const isWithin = (some: readonly string[], all: readonly string[]): boolean =>
    some.every((name) => all.includes(name));
  if (isWithin(configured, declared) && isWithin(declared, configured)) return;
  throw new InvalidOptionError(
    'connections',
    `the options bring ${list(configured)}, but forRootAsync was told of ${list(declared)}. ${declare(configured)}`,
  );
}

function warnOfUndeclared(names: readonly string[]): string[] {
  const others = names.filter((name) => name !== DEFAULT_CONNECTION);
  if (others.length === 0) return [];
  return [
    `forRootAsync was not told of ${list(others)}: a cache can use it, but it cannot be injected. ${declare(names)}`,
  ];
}

function declare(names: readonly string[]): string {
  return `Write forRootAsync({ connections: [${names.map((name) => `'${name}'`).join(', ')}], … }).`;
}

/** Clients of the user are left out: which database they have selected is not known. */
function warnOfSharedServers(connections: readonly ResolvedConnection[]): string[] {
  const ours = connections.filter(({ target }) => target.kind !== 'client');
  return ours.flatMap((connection, at) => {
    const twin = ours.slice(0, at).find((earlier) => placeOf(earlier) === placeOf(connection));
    if (twin === undefined) return [];
    return [`The connections "${twin.name}" and "${connection.name}" lead to the same database of the same server.`];
  });
}

function placeOf({ address, target }: ResolvedConnection): string {
  if (target.kind === 'cluster') return `cluster ${address.split(',').sort().join(',')}`;
  return `${address}/${target.kind === 'standalone' ? (target.redis.db ?? 0) : 0}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
