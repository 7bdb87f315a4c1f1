import {
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireInteger,
  requireObject,
  requireOneOf,
  toMs,
} from '../common/index.js';
import type { ResolvedConnection } from './connection.options.js';
import { type ResolvedTarget, TARGETS } from './connection-target.js';

type Given = Record<string, unknown>;
type Kind = keyof typeof TARGETS;

const KINDS = Object.keys(TARGETS) as Kind[];
const SHARED = ['connectTimeout', 'commandTimeout', 'keepAlive', 'retry', 'onBoot'];
const NOT_YET = ['sentinels', 'name', 'minReplicas'];

/** A timer of Node that is set to more than this fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Checks the options of one connection, once, at boot, and gives each its default. */
export function resolveConnection(option: string, name: string, options: unknown): ResolvedConnection {
  const given = requireObject(option, options);
  const [kind, ...others] = KINDS.filter((kind) => given[kind] !== undefined);
  if (kind === undefined) return refuseWithoutTarget(option, given);
  if (others.length > 0) {
    const several = [kind, ...others].join(' and ');
    throw new InvalidOptionError(option, `names ${several}; a connection has exactly one of them.`);
  }
  const { accepts, resolve } = TARGETS[kind];
  refuseUnknownKeys(option, given, { known: [...SHARED, kind, ...accepts], notYet: NOT_YET });
  return { name, ...resolve(option, given), ...resolveShared(option, given) };
}

function refuseWithoutTarget(option: string, given: Given): never {
  const known = [...SHARED, ...KINDS, ...KINDS.flatMap((kind) => TARGETS[kind].accepts)];
  refuseUnknownKeys(option, given, { known: [...new Set(known)], notYet: NOT_YET });
  if (given.port !== undefined) return refuse(`${option}.host`, 'a host beside port', undefined);
  if (given.natMap !== undefined) return refuse(`${option}.cluster`, 'the nodes beside natMap', undefined);
  return refuse(option, `one of ${KINDS.join(', ')}`, undefined);
}

function resolveShared(option: string, given: Given): Omit<ResolvedConnection, 'name' | keyof ResolvedTarget> {
  const { connectTimeout = '5s', commandTimeout = '1s', keepAlive = '30s', retry = {}, onBoot = 'degrade' } = given;
  const { attempts = 3, delay = '100ms', ...others } = requireObject(`${option}.retry`, retry);
  refuseUnknownKeys(`${option}.retry`, others, { known: ['attempts', 'delay'] });
  const atLeast = (min: number) => ({ min, max: LONGEST_TIMER_MS });
  return {
    connectTimeoutMs: toMs(`${option}.connectTimeout`, connectTimeout, atLeast(1)),
    commandTimeoutMs: toMs(`${option}.commandTimeout`, commandTimeout, atLeast(1)),
    keepAliveMs: toMs(`${option}.keepAlive`, keepAlive, atLeast(0)),
    retry: {
      attempts: requireInteger(`${option}.retry.attempts`, attempts, { min: 1, max: 100 }),
      delayMs: toMs(`${option}.retry.delay`, delay, atLeast(0)),
    },
    onBoot: requireOneOf(`${option}.onBoot`, onBoot, ['degrade', 'fail']),
  };
}
