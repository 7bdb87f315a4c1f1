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

/** Options of all locks, in `forRoot({ lock })`. */
export interface LockOptions {
  /** The connection locks live on: one whose Redis evicts nothing and keeps its data. @default 'default' */
  readonly connection?: string;
  /**
   * At least three connections to servers that know nothing of each other: a lock is what a majority has granted, and outlives
   * the loss of a minority. Without a queue; tokens grow only as far as the clocks of the servers agree. In place of `connection`.
   */
  readonly quorum?: readonly string[];
  /** How long a lock lives without renewal, and so how long others wait when its holder dies. At least 100 ms. @default '10s' */
  readonly ttl?: Duration;
  /**
   * For how long `acquire`, `using` and `@WithLock` wait for others. Who waits for longer than `maxTtl` outlives a holder that
   * has died, and gets the first lock on a Redis that has just started. @default '15s'
   */
  readonly wait?: Duration;
  /**
   * The longest `ttl` there is in any process, and so how long nobody is let in after Redis has lost its data, or has just
   * started and may have. Longer ones are refused. @default ttl
   */
  readonly maxTtl?: Duration;
  /**
   * When Redis has lost its locks (a restart without persistence, a flush), their holders do not know yet. `'wait'`: nobody
   * is let in until the longest of them has ended. `'grant'`: at once, so that two may hold one lock. @default 'wait'
   */
  readonly afterDataLoss?: 'wait' | 'grant';
}

/** Options of a call that takes a lock only if it is free. */
export interface TryLockOptions {
  /** @default lock.ttl */
  readonly ttl?: Duration;
  /** `'read'` shares it with other readers; a writer holds it alone. @default 'write' */
  readonly mode?: 'write' | 'read';
  /** Prolongs it at a third of its ttl until it is released; with `false` it ends with its ttl. @default true */
  readonly renew?: boolean;
  /** What for: `inspect` and error messages show it. @default '' */
  readonly purpose?: string;
}

/** Options of a call that waits. */
export interface LockCallOptions extends TryLockOptions {
  /** For how long to wait; 0 = not at all. @default lock.wait */
  readonly wait?: Duration;
  /** Ends the wait; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ResolvedLockOptions {
  /** One, or those of a quorum. */
  readonly connections: readonly string[];
  /** The option that chose them, for the message when there is none of that name. */
  readonly connectionOption: string;
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly maxTtlMs: number;
  readonly afterDataLoss: 'wait' | 'grant';
  /** Whether somebody has written `lock` at all. */
  readonly isGiven: boolean;
}

/** What a call comes to. */
export interface LockRequest {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly mode: 'write' | 'read';
  readonly renew: boolean;
  readonly purpose: string;
  readonly signal: AbortSignal | undefined;
}

/** A renewal at a third of it must be possible. */
const SHORTEST_TTL_MS = 100;
/** A timer that is set for longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;
const TRY_OPTIONS = ['ttl', 'mode', 'renew', 'purpose'];
const CALL_OPTIONS = [...TRY_OPTIONS, 'wait', 'signal'];

const USUAL = { mode: 'write', renew: true, purpose: '', signal: undefined } as const;

export function resolveLockOptions(option: string, options: unknown): ResolvedLockOptions {
  const given = requireObject(option, options === undefined ? {} : options);
  refuseUnknownKeys(option, given, { known: ['connection', 'quorum', 'ttl', 'wait', 'maxTtl', 'afterDataLoss'] });
  const { ttl = '10s', wait = '15s', afterDataLoss = 'wait' } = given;
  const ttlMs = toMs(`${option}.ttl`, ttl, { min: SHORTEST_TTL_MS, max: LONGEST_MS });
  const { maxTtl = ttlMs } = given;
  return {
    ...connectionsOf(option, given),
    ttlMs,
    waitMs: toMs(`${option}.wait`, wait, { min: 0, max: LONGEST_MS }),
    maxTtlMs: toMs(`${option}.maxTtl`, maxTtl, { min: ttlMs, max: LONGEST_MS }),
    afterDataLoss: requireOneOf(`${option}.afterDataLoss`, afterDataLoss, ['wait', 'grant']),
    isGiven: options !== undefined,
  };
}

function connectionsOf(
  option: string,
  { connection, quorum }: Record<string, unknown>,
): Pick<ResolvedLockOptions, 'connections' | 'connectionOption'> {
  if (quorum === undefined) {
    const connectionOption = `${option}.connection`;
    return { connections: [requireString(connectionOption, connection ?? DEFAULT_CONNECTION)], connectionOption };
  }
  const connectionOption = `${option}.quorum`;
  if (connection !== undefined)
    throw new InvalidOptionError(connectionOption, 'stands beside connection. Give one of them.');
  const isRight =
    Array.isArray(quorum) && quorum.every((name) => typeof name === 'string') && new Set(quorum).size >= 3;
  if (!isRight) return refuse(connectionOption, 'the names of at least three connections', quorum);
  return { connections: [...new Set(quorum)], connectionOption };
}

/** @param path of the call, for messages @throws InvalidOptionError */
export function resolveLockCall(path: string, options: unknown, defaults: ResolvedLockOptions): LockRequest {
  if (options === undefined) return { ...USUAL, ttlMs: defaults.ttlMs, waitMs: defaults.waitMs };
  const given = requireObject(path, options);
  refuseUnknownKeys(path, given, { known: CALL_OPTIONS });
  const { ttl, wait, mode = 'write', renew = true, purpose = '', signal } = given;
  return {
    ttlMs: ttl === undefined ? defaults.ttlMs : requireLockTtl(`${path}.ttl`, ttl, defaults.maxTtlMs),
    waitMs: wait === undefined ? defaults.waitMs : toMs(`${path}.wait`, wait, { min: 0, max: LONGEST_MS }),
    mode: requireOneOf(`${path}.mode`, mode, ['write', 'read']),
    renew: requireBoolean(`${path}.renew`, renew),
    purpose: typeof purpose === 'string' ? purpose : refuse(`${path}.purpose`, 'a text', purpose),
    signal: signal === undefined ? undefined : requireSignal(`${path}.signal`, signal),
  };
}

/** Who only tries neither waits nor gives up. @throws InvalidOptionError */
export function refuseWaiting(path: string, options: unknown): void {
  if (options !== undefined) refuseUnknownKeys(path, requireObject(path, options), { known: TRY_OPTIONS });
}

/** A ttl of a call. @param maxTtlMs `lock.maxTtl` */
export function requireLockTtl(option: string, given: unknown, maxTtlMs: number): number {
  const ttlMs = toMs(option, given, { min: SHORTEST_TTL_MS, max: LONGEST_MS });
  if (ttlMs <= maxTtlMs) return ttlMs;
  throw new InvalidOptionError(
    option,
    `expected at most ${maxTtlMs} ms (lock.maxTtl), got ${ttlMs} ms. Raise lock.maxTtl in all processes: it is also how long ` +
      'nobody is let in after Redis has lost its data.',
  );
}

export function requirePermits(option: string, given: unknown): number {
  return requireInteger(option, given, { min: 1, max: 1_000_000 });
}

function requireSignal(option: string, given: unknown): AbortSignal {
  return given instanceof AbortSignal ? given : refuse(option, 'an AbortSignal', given);
}
