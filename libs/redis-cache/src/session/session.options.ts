import { type ClassRegistration, type KeyRing, requireKeyRing } from '../core/codec/index.js';
import {
  type Duration,
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireBoolean,
  requireInteger,
  requireObject,
  requireOneOf,
  requireString,
  toMs,
} from '../core/common/index.js';
import { DEFAULT_CONNECTION } from '../core/connection/index.js';
import { resolveCookie, type ResolvedCookie, type SessionCookieOptions } from './http/session-cookie.options.js';
import type { SessionInfo } from './session.js';

export interface SessionEncryptionOptions {
  /**
   * Keys for AES-256-GCM, each 32 bytes as base64 (`openssl rand -base64 32`). The first encrypts, all decrypt: put a new
   * one in front, and take the old one away when sessions of its time are gone (`absoluteTimeout`). A field whose key is
   * missing reads as missing.
   */
  readonly keys: readonly string[];
}

/** Options of `session` in `forRoot`. */
export interface SessionOptions {
  /** The connection sessions live on: one whose Redis evicts nothing (`maxmemory-policy noeviction`). @default 'default' */
  readonly connection?: string;
  /** A session unused for so long is gone. A number is milliseconds. @default '30m' */
  readonly idleTimeout?: Duration;
  /** A session is gone this long after it was made, however much it is used. @default '24h' */
  readonly absoluteTimeout?: Duration;
  /** Use is noted at most once in this time: a session may expire this much early. @default '1m', at most a tenth of idleTimeout */
  readonly touchInterval?: Duration;
  /** How long the old token is good for after a rotation or login, for requests under way. @default '10s' */
  readonly rotationGrace?: Duration;
  /** The most bytes that the data of a session may take. @default 65536 */
  readonly maxSize?: number;
  /** The most sessions a user may have. @default any number */
  readonly maxPerUser?: number;
  /** What a login does when there are so many: end the oldest, or be refused. @default 'evict-oldest' */
  readonly whenFull?: 'evict-oldest' | 'reject';
  /**
   * Redis then holds the HMAC of tokens in place of their SHA-256. At least 32 characters; another secret ends all
   * sessions. @default none
   */
  readonly secret?: string;
  /** What a session holds is encrypted in Redis. @default it is not */
  readonly encryption?: SessionEncryptionOptions;
  /** Classes whose instances may be stored in sessions. */
  readonly classes?: ClassRegistration;
  /**
   * Asked at every read, after Redis: a session for which it is false is ended. For an account that was disabled, or a
   * "not before" date in the database that outlives a failover of Redis. @default all are valid
   */
  readonly validate?: (session: SessionInfo) => boolean | Promise<boolean>;
  /** The cookie that carries the token; `false`: none. @default `__Host-sid`, Secure, HttpOnly, SameSite=Lax */
  readonly cookie?: SessionCookieOptions | false;
  /** Whether `Authorization: Bearer <token>` is accepted too. @default false */
  readonly bearer?: boolean;
  /**
   * What a request is when Redis cannot be asked: refused with 503, or treated as having no session. Either way its
   * cookie stays as it is. @default 'reject'
   */
  readonly onUnavailable?: 'reject' | 'anonymous';
}

export interface ResolvedSessionOptions {
  /** Whether the application asked for sessions. */
  readonly isConfigured: boolean;
  readonly connection: string;
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  readonly touchIntervalMs: number;
  readonly rotationGraceMs: number;
  readonly maxSize: number;
  readonly maxPerUser: number | undefined;
  readonly whenFull: 'evict-oldest' | 'reject';
  readonly secret: string | undefined;
  readonly encryption: KeyRing | undefined;
  readonly classes: readonly { readonly option: string; readonly classes: ClassRegistration }[];
  readonly validate: NonNullable<SessionOptions['validate']>;
  readonly cookie: ResolvedCookie | undefined;
  readonly bearer: boolean;
  readonly onUnavailable: 'reject' | 'anonymous';
}

const KNOWN = [
  ...['connection', 'idleTimeout', 'absoluteTimeout', 'touchInterval', 'rotationGrace', 'maxSize', 'maxPerUser'],
  ...['whenFull', 'secret', 'encryption', 'classes', 'validate', 'cookie', 'bearer', 'onUnavailable'],
];
const SHORTEST_SECRET = 32;
const MOST_BYTES = 16 * 1024 * 1024;

export function resolveSessionOptions(option: string, options: unknown): ResolvedSessionOptions {
  const given = requireObject(option, options === undefined ? {} : options);
  refuseUnknownKeys(option, given, { known: KNOWN });
  const { connection = DEFAULT_CONNECTION, maxSize = 65_536, maxPerUser, whenFull = 'evict-oldest' } = given;
  const { secret, encryption, classes, validate, cookie, bearer = false, onUnavailable = 'reject' } = given;
  return {
    isConfigured: options !== undefined,
    connection: requireString(`${option}.connection`, connection),
    ...resolveTimes(option, given),
    maxSize: requireInteger(`${option}.maxSize`, maxSize, { min: 1, max: MOST_BYTES }),
    maxPerUser:
      maxPerUser === undefined
        ? undefined
        : requireInteger(`${option}.maxPerUser`, maxPerUser, { min: 1, max: 10_000 }),
    whenFull: requireOneOf(`${option}.whenFull`, whenFull, ['evict-oldest', 'reject']),
    secret: secret === undefined ? undefined : requireSecret(`${option}.secret`, secret),
    encryption: encryption === undefined ? undefined : requireEncryption(`${option}.encryption`, encryption),
    classes: classes === undefined ? [] : [requireClasses(`${option}.classes`, classes)],
    validate: validate === undefined ? () => true : requireFunction(`${option}.validate`, validate),
    cookie: cookie === false ? undefined : resolveCookie(`${option}.cookie`, cookie),
    bearer: requireBearer(option, { bearer, cookie }),
    onUnavailable: requireOneOf(`${option}.onUnavailable`, onUnavailable, ['reject', 'anonymous']),
  };
}

function resolveTimes(
  option: string,
  given: Record<string, unknown>,
): Pick<ResolvedSessionOptions, 'idleTimeoutMs' | 'absoluteTimeoutMs' | 'touchIntervalMs' | 'rotationGraceMs'> {
  const { idleTimeout = '30m', absoluteTimeout = '24h', touchInterval, rotationGrace = '10s' } = given;
  const idleTimeoutMs = toMs(`${option}.idleTimeout`, idleTimeout);
  const absoluteTimeoutMs = toMs(`${option}.absoluteTimeout`, absoluteTimeout);
  if (absoluteTimeoutMs < idleTimeoutMs)
    throw new InvalidOptionError(
      `${option}.absoluteTimeout`,
      `is ${absoluteTimeoutMs} ms, shorter than ${option}.idleTimeout, ${idleTimeoutMs} ms. Raise it, or lower the other.`,
    );
  const usual = Math.min(60_000, Math.floor(idleTimeoutMs / 10));
  const most = Math.max(0, Math.floor(idleTimeoutMs / 2));
  return {
    idleTimeoutMs,
    absoluteTimeoutMs,
    touchIntervalMs:
      touchInterval === undefined ? usual : toMs(`${option}.touchInterval`, touchInterval, { min: 0, max: most }),
    rotationGraceMs: toMs(`${option}.rotationGrace`, rotationGrace, { min: 1, max: 300_000 }),
  };
}

function requireSecret(option: string, given: unknown): string {
  if (typeof given === 'string' && given.length >= SHORTEST_SECRET) return given;
  return refuse(option, `a text of at least ${SHORTEST_SECRET} characters`, given);
}

function requireEncryption(option: string, given: unknown): KeyRing {
  const encryption = requireObject(option, given);
  refuseUnknownKeys(option, encryption, { known: ['keys'] });
  return requireKeyRing(`${option}.keys`, encryption.keys);
}

function requireFunction(option: string, given: unknown): NonNullable<SessionOptions['validate']> {
  if (typeof given === 'function') return given as NonNullable<SessionOptions['validate']>;
  return refuse(option, 'a function of the session that returns whether it is valid', given);
}

function requireClasses(option: string, given: unknown): { option: string; classes: ClassRegistration } {
  const classes = Array.isArray(given) ? given : requireObject(option, given);
  return { option, classes: classes as ClassRegistration };
}

function requireBearer(option: string, { bearer, cookie }: { bearer: unknown; cookie: unknown }): boolean {
  const accepted = requireBoolean(`${option}.bearer`, bearer);
  if (accepted || cookie !== false) return accepted;
  throw new InvalidOptionError(
    `${option}.cookie`,
    'is false, and bearer is not true: no request could have a session.',
  );
}
