import { InvalidOptionError, refuse } from '../common/index.js';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisAddress extends HostAndPort {
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly family?: number;
}

const EXPECTED = "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)";

/** Reads `redis://` and `rediss://` URLs; the message of a refusal never holds the password. */
export function parseRedisUrl(option: string, given: unknown): RedisAddress {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : refuse(option, EXPECTED, given);
  if (!['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return refuse(option, EXPECTED, given);
  const unknown = [...url.searchParams.keys()].filter((key) => key !== 'family');
  if (unknown.length > 0)
    throw new InvalidOptionError(option, `?${unknown[0]}= is not understood. Give it as an option beside the url.`);
  return {
    ...hostAndPortOf(url),
    tls: url.protocol === 'rediss:',
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...dbOf(option, url),
    ...(url.searchParams.has('family') ? { family: Number(url.searchParams.get('family')) } : {}),
  };
}

/** Reads `host:port` and `[::1]:port`; the port is 6379 when none is given. */
export function parseHostAndPort(option: string, given: unknown): HostAndPort {
  const expected = "an address such as '10.0.0.1:6379'";
  if (typeof given !== 'string' || /[/@?#\s]/.test(given) || !URL.canParse(`redis://${given}`))
    return refuse(option, expected, given);
  const url = new URL(`redis://${given}`);
  return url.hostname === '' || url.port === '0' ? refuse(option, expected, given) : hostAndPortOf(url);
}

function hostAndPortOf(url: URL): HostAndPort {
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 6379 : Number(url.port) };
}

function dbOf(option: string, url: URL): { db?: number } {
  const path = url.pathname.replace(/^\//, '');
  if (path === '') return {};
  if (!/^\d{1,6}$/.test(path))
    throw new InvalidOptionError(option, `ends in "/${path}"; the number of a database was expected there.`);
  return { db: Number(path) };
}
