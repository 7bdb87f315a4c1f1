import { refuse, refuseUnknownKeys, requireInteger, requireOneOf } from '../core/common/index.js';

/** Options of the copies that a process keeps in its own memory. */
export interface L1Options {
  /** @default 10_000 */
  readonly maxEntries?: number;
  /** About how much memory they may take, in bytes. One that is larger than all of it is not kept. @default 67_108_864 */
  readonly maxBytes?: number;
  /**
   * `'frozen'`: plain objects and arrays are deeply frozen and shared by all callers, from Redis and from a load too;
   * values that hold anything else (a `Date`, a class) are decoded anew for each. `'cloned'`: all values are.
   * @default 'frozen'
   */
  readonly values?: 'frozen' | 'cloned';
}

export type ResolvedL1 = Required<L1Options>;

const MIB = 2 ** 20;
const DEFAULTS: ResolvedL1 = { maxEntries: 10_000, maxBytes: 64 * MIB, values: 'frozen' };

/** @returns `undefined` when it is off. @throws InvalidOptionError */
export function requireL1(option: string, given: unknown): ResolvedL1 | undefined {
  if (given === false) return undefined;
  if (given === true) return DEFAULTS;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse(option, 'true, false or an object such as { maxEntries: 1_000 }', given);
  const { maxEntries, maxBytes, values, ...rest } = given as Record<string, unknown>;
  refuseUnknownKeys(option, rest, { known: ['maxEntries', 'maxBytes', 'values'] });
  const count = (name: 'maxEntries' | 'maxBytes', value: unknown, max: number): number =>
    value === undefined ? DEFAULTS[name] : requireInteger(`${option}.${name}`, value, { min: 1, max });
  return {
    maxEntries: count('maxEntries', maxEntries, 1_000_000),
    maxBytes: count('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER),
    values: values === undefined ? DEFAULTS.values : requireOneOf(`${option}.values`, values, ['frozen', 'cloned']),
  };
}
