import { isIP } from 'node:net';
import { InvalidOptionError, refuse, requireInteger } from '../common/index.js';

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
const HOST_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._-]{0,252}$/u;
const HIGHEST_DB = 1_000_000;

/**
 * Reads `redis://` and `rediss://` URLs. A password with a `/`, `?`, `#` or `@` in it that is not percent-encoded cuts
 * the URL in the wrong place, so the message of a refusal shows no part of the URL but its host.
 */
export function parseRedisUrl(option: string, given: unknown): RedisAddress {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : refuse(option, EXPECTED, given);
  const { host, port } = hostAndPortOf(url);
  const isUsable = /^rediss?:$/.test(url.protocol) && isHost(host) && port !== 0 && !url.href.includes('#');
  if (!isUsable) return refuse(option, EXPECTED, given);
  return {
    host,
    port,
    tls: url.protocol === 'rediss:',
    ...(url.username === '' ? {} : { username: decode(option, url.username) }),
    ...(url.password === '' ? {} : { password: decode(option, url.password) }),
    ...dbOf(option, url),
    ...familyOf(option, url),
  };
}

/** Reads `host:port` and `[::1]:port`; the port is 6379 when none is given. */
export function parseHostAndPort(option: string, given: unknown): HostAndPort {
  const expected = "an address such as '10.0.0.1:6379'";
  if (typeof given !== 'string' || /[/@?#\s]/.test(given) || !URL.canParse(`redis://${given}`))
    return refuse(option, expected, given);
  const { host, port } = hostAndPortOf(new URL(`redis://${given}`));
  return isHost(host) && port !== 0 ? { host, port } : refuse(option, expected, given);
}

export function requireHost(option: string, given: unknown): string {
  if (typeof given === 'string' && isHost(given)) return given;
  return refuse(option, 'the name or the IP address of a host, without scheme, port or password', given);
}

export function requirePort(option: string, given: unknown): number {
  return requireInteger(option, given, { min: 1, max: 65_535 });
}

export function requireDb(option: string, given: unknown): number {
  return requireInteger(option, given, { min: 0, max: HIGHEST_DB });
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || HOST_NAME.test(text);
}

function hostAndPortOf(url: URL): HostAndPort {
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 6379 : Number(url.port) };
}

function decode(option: string, encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new InvalidOptionError(option, 'holds a "%" that stands for no character; percent-encode it as %25.');
  }
}

function dbOf(option: string, url: URL): { db?: number } {
  const path = url.pathname.replace(/^\//, '');
  if (path === '') return {};
  if (/^\d{1,7}$/.test(path) && Number(path) <= HIGHEST_DB) return { db: Number(path) };
  throw new InvalidOptionError(
    option,
    `ends in something else than the number of a database (0 to ${HIGHEST_DB}). A "/" in a password is written %2F.`,
  );
}

function familyOf(option: string, { searchParams }: URL): { family?: number } {
  const names = [...searchParams.keys()];
  if (names.some((name) => name !== 'family')) {
    throw new InvalidOptionError(
      option,
      'only ?family= is understood. Give other options beside the url. A "?" in a password is written %3F.',
    );
  }
  const family = searchParams.get('family');
  if (family === null) return {};
  if (!['0', '4', '6'].includes(family)) throw new InvalidOptionError(option, 'the family is 0, 4 or 6.');
  return { family: Number(family) };
}
