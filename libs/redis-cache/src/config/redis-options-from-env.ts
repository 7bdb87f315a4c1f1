import { validateSync } from 'class-validator';
import { InvalidOptionError, NotAvailableYetError } from '../core/common/index.js';
import { type ConnectionOptions, parseRedisUrl } from '../core/connection/index.js';
import type { RedisCacheOptions } from '../redis-cache.options.js';
import { toBoolean, toDuration, toList, toPem, toTtl } from './environment-values.js';
import { RedisEnvironment, VARIABLES_NOT_YET } from './redis.environment.js';

type Variables = Readonly<Record<string, string | undefined>>;
type TlsOptions = Exclude<NonNullable<Extract<ConnectionOptions, { host: string }>['tls']>, boolean>;

const TLS_DETAILS = [
  ...(['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY', 'REDIS_TLS_SERVERNAME'] as const),
  'REDIS_TLS_REJECT_UNAUTHORIZED',
] as const;

/** The variables that say where Redis is, and those that make no sense beside each. */
const PLACES = {
  REDIS_URL: ['REDIS_PORT'],
  REDIS_HOST: [],
  REDIS_SOCKET_PATH: ['REDIS_PORT', 'REDIS_TLS', ...TLS_DETAILS],
  REDIS_CLUSTER_NODES: ['REDIS_PORT', 'REDIS_DB'],
} as const satisfies Record<string, readonly (keyof RedisEnvironment)[]>;

/**
 * The module's options from environment variables; see {@link RedisEnvironment} for all of them.
 *
 * @example RedisCacheModule.forRoot(redisOptionsFromEnv(process.env))
 * @throws InvalidOptionError naming every wrong variable, what was given and what is accepted; never a password
 * @throws NotAvailableYetError for a variable of a feature this version does not have
 */
export function redisOptionsFromEnv(env: Variables): RedisCacheOptions {
  const variables = validate(env);
  const { REDIS_KEY_PREFIX } = variables;
  const cache = cacheOf(variables);
  return {
    ...connectionsOf(variables),
    ...(REDIS_KEY_PREFIX === undefined ? {} : { keyPrefix: REDIS_KEY_PREFIX }),
    ...(Object.keys(cache).length === 0 ? {} : { cache }),
  };
}

function validate(env: Variables): RedisEnvironment {
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  const notYet = VARIABLES_NOT_YET.find(isSet);
  if (notYet !== undefined) throw new NotAvailableYetError(notYet);
  const given = Object.fromEntries(Object.entries(env).filter(([name]) => /^(REDIS|CACHE)_/.test(name) && isSet(name)));
  const variables = Object.assign(new RedisEnvironment(), given);
  refuseWrongOnes(variables);
  assertOnePlace(variables);
  assertNothingTwice(variables);
  return variables;
}

function refuseWrongOnes(variables: RedisEnvironment): void {
  const problems = validateSync(variables, { forbidUnknownValues: false }).flatMap(({ property, constraints }) =>
    Object.values(constraints ?? {}).map((message) => ({ property, message })),
  );
  const [only, ...others] = problems;
  if (only === undefined) return;
  if (others.length > 0)
    throw new InvalidOptionError('The environment', problems.map(({ message }) => message).join(' '));
  throw new InvalidOptionError(only.property, only.message.replace(`${only.property}: `, ''));
}

function assertOnePlace(variables: RedisEnvironment): void {
  const names = Object.keys(PLACES) as (keyof typeof PLACES)[];
  const places = names.filter((name) => variables[name] !== undefined);
  const [place] = places;
  if (place === undefined || places.length > 1) {
    const got = place === undefined ? 'none of them' : places.join(' and ');
    throw new InvalidOptionError('The environment', `expected exactly one of ${names.join(', ')}, got ${got}.`);
  }
  const misplaced = PLACES[place].find(
    (name) => variables[name] !== undefined && !(isDurableSecure(variables) && isTlsDetail(name)),
  );
  if (misplaced !== undefined) throw new InvalidOptionError(misplaced, `has no meaning beside ${place}. Remove it.`);
}

function assertNothingTwice({ REDIS_URL, REDIS_TLS, ...beside }: RedisEnvironment): void {
  if (REDIS_URL === undefined) return;
  const { username, password, db, tls } = parseRedisUrl('REDIS_URL', REDIS_URL);
  const inUrl = { REDIS_USERNAME: username, REDIS_PASSWORD: password, REDIS_DB: db };
  const names = Object.keys(inUrl) as (keyof typeof inUrl)[];
  const twice = names.find((name) => inUrl[name] !== undefined && beside[name] !== undefined);
  if (twice !== undefined) throw new InvalidOptionError(twice, 'stands in REDIS_URL too. Give it once.');
  if (tls && REDIS_TLS !== undefined && !toBoolean(REDIS_TLS))
    throw new InvalidOptionError('REDIS_TLS', 'is off, but REDIS_URL begins with rediss://. Remove one of the two.');
}

function cacheOf({ CACHE_ENABLED, CACHE_TTL }: RedisEnvironment): NonNullable<RedisCacheOptions['cache']> {
  return {
    ...(CACHE_ENABLED === undefined ? {} : { enabled: toBoolean(CACHE_ENABLED) }),
    ...(CACHE_TTL === undefined ? {} : { ttl: toTtl(CACHE_TTL) }),
  };
}

type Connections =
  | { readonly connection: ConnectionOptions }
  | { readonly connections: Readonly<Record<'default' | 'durable', ConnectionOptions>> };

function connectionsOf(variables: RedisEnvironment): Connections {
  const { REDIS_DURABLE_URL } = variables;
  const connection = connectionOf(variables);
  if (REDIS_DURABLE_URL === undefined) return { connection };
  const details = isDurableSecure(variables) ? tlsDetailsOf(variables) : {};
  const tls = Object.keys(details).length > 0 ? { tls: details } : {};
  return {
    connections: { default: connection, durable: { url: REDIS_DURABLE_URL, ...tls, ...sharedOptionsOf(variables) } },
  };
}

function connectionOf(variables: RedisEnvironment): ConnectionOptions {
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_SOCKET_PATH, REDIS_CLUSTER_NODES, REDIS_DB } = variables;
  const shared = { ...credentialsOf(variables), ...sharedOptionsOf(variables) };
  const db = REDIS_DB === undefined ? {} : { db: Number(REDIS_DB) };
  const tls = tlsOf(variables);
  if (REDIS_URL !== undefined) return { url: REDIS_URL, ...db, ...tls, ...shared };
  if (REDIS_SOCKET_PATH !== undefined) return { path: REDIS_SOCKET_PATH, ...db, ...shared };
  if (REDIS_CLUSTER_NODES !== undefined) return { cluster: toList(REDIS_CLUSTER_NODES), ...tls, ...shared };
  const port = REDIS_PORT === undefined ? {} : { port: Number(REDIS_PORT) };
  return { host: REDIS_HOST!, ...port, ...db, ...tls, ...shared };
}

function credentialsOf({ REDIS_USERNAME, REDIS_PASSWORD }: RedisEnvironment): { username?: string; password?: string } {
  return {
    ...(REDIS_USERNAME === undefined ? {} : { username: REDIS_USERNAME }),
    ...(REDIS_PASSWORD === undefined ? {} : { password: REDIS_PASSWORD }),
  };
}

function sharedOptionsOf(
  variables: RedisEnvironment,
): Pick<ConnectionOptions, 'connectTimeout' | 'commandTimeout' | 'keepAlive'> {
  const { REDIS_CONNECT_TIMEOUT, REDIS_COMMAND_TIMEOUT, REDIS_KEEPALIVE } = variables;
  return {
    ...(REDIS_CONNECT_TIMEOUT === undefined ? {} : { connectTimeout: toDuration(REDIS_CONNECT_TIMEOUT) }),
    ...(REDIS_COMMAND_TIMEOUT === undefined ? {} : { commandTimeout: toDuration(REDIS_COMMAND_TIMEOUT) }),
    ...(REDIS_KEEPALIVE === undefined ? {} : { keepAlive: toDuration(REDIS_KEEPALIVE) }),
  };
}

function tlsOf(variables: RedisEnvironment): { tls?: boolean | TlsOptions } {
  const { REDIS_TLS } = variables;
  const details = tlsDetailsOf(variables);
  const hasDetails = Object.keys(details).length > 0;
  if (REDIS_TLS === undefined) return hasDetails ? { tls: details } : {};
  if (toBoolean(REDIS_TLS)) return { tls: hasDetails ? details : true };
  if (!hasDetails || isDurableSecure(variables)) return { tls: false };
  throw new InvalidOptionError(
    'REDIS_TLS',
    "is off, but other REDIS_TLS_ variables are set. Set it to 'true', or remove them.",
  );
}

function tlsDetailsOf(variables: RedisEnvironment): TlsOptions {
  const { REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY } = variables;
  const { REDIS_TLS_SERVERNAME, REDIS_TLS_REJECT_UNAUTHORIZED } = variables;
  return {
    ...(REDIS_TLS_CA === undefined ? {} : { ca: toPem('REDIS_TLS_CA', REDIS_TLS_CA) }),
    ...(REDIS_TLS_CERT === undefined ? {} : { cert: toPem('REDIS_TLS_CERT', REDIS_TLS_CERT) }),
    ...(REDIS_TLS_KEY === undefined ? {} : { key: toPem('REDIS_TLS_KEY', REDIS_TLS_KEY) }),
    ...(REDIS_TLS_SERVERNAME === undefined ? {} : { servername: REDIS_TLS_SERVERNAME }),
    ...(REDIS_TLS_REJECT_UNAUTHORIZED === undefined
      ? {}
      : { rejectUnauthorized: toBoolean(REDIS_TLS_REJECT_UNAUTHORIZED) }),
  };
}

function isDurableSecure({ REDIS_DURABLE_URL }: RedisEnvironment): boolean {
  return REDIS_DURABLE_URL !== undefined && parseRedisUrl('REDIS_DURABLE_URL', REDIS_DURABLE_URL).tls;
}

function isTlsDetail(name: keyof RedisEnvironment): boolean {
  return (TLS_DETAILS as readonly string[]).includes(name);
}
