import { type CacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from './cache/index.js';
import { InvalidOptionError, refuseUnknownKeys, requireObject } from './core/common/index.js';
import {
  type ConnectionOptions,
  DEFAULT_CONNECTION,
  type ResolvedConnection,
  resolveConnection,
} from './core/connection/index.js';
import { requirePrefix } from './core/keys/index.js';

interface FeatureOptions {
  /** What every key begins with. Give each application that shares a Redis its own. No braces. @default 'app' */
  readonly keyPrefix?: string;
  readonly cache?: CacheOptions;
}

interface OneConnection {
  /** The one Redis of this application. */
  readonly connection: ConnectionOptions;
  readonly connections?: never;
}

interface NamedConnections {
  /**
   * Several, by name; one of them is `default`. `forRootAsync` needs the names a second time, in its own
   * `connections: ['default', …]`, because injection tokens cannot come out of a factory.
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
  readonly warnings: readonly string[];
}

const NOT_YET = ['encryption', 'lock', 'rateLimit', 'session'];

/**
 * Checks all options, once, at boot, and gives each its default.
 * @param names the connections whose tokens the module provides
 * @throws InvalidOptionError naming the option, what was given and what is accepted
 */
export function resolveRedisCacheOptions(options: unknown, names: readonly string[]): ResolvedRedisCacheOptions {
  const given = requireRootOptions(options);
  refuseUnknownKeys('', given, { known: ['connection', 'connections', 'keyPrefix', 'cache'], notYet: NOT_YET });
  const connections = resolveConnections(given);
  assertSameNames(connections, names);
  const { keyPrefix = 'app' } = given;
  const cache = resolveCacheOptions('cache', given.cache);
  return {
    keyPrefix: requirePrefix('keyPrefix', keyPrefix),
    connections,
    cache,
    warnings: [...cache.warnings, ...warnOfSharedServers(connections)],
  };
}

/** Options come from JavaScript and from factories too: there they may be anything. */
export function requireRootOptions(options: unknown): Record<string, unknown> {
  return requireObject('The options of RedisCacheModule', options);
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

function assertSameNames(connections: readonly ResolvedConnection[], names: readonly string[]): void {
  const configured = connections.map(({ name }) => name);
  if (!configured.includes(DEFAULT_CONNECTION)) {
    throw new InvalidOptionError('connections', `expected one named "${DEFAULT_CONNECTION}", got ${list(configured)}.`);
  }
  const isSame = configured.length === names.length && configured.every((name) => names.includes(name));
  if (isSame) return;
  throw new InvalidOptionError(
    'connections',
    `the options bring ${list(configured)}, but forRootAsync was told of ${list(names)}. ` +
      `Write forRootAsync({ connections: [${configured.map((name) => `'${name}'`).join(', ')}], … }).`,
  );
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
