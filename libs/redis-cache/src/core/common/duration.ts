import ms from 'ms';
import { refuse } from './option.js';

/** A number is milliseconds; a string carries its unit: `'250ms'`, `'30s'`, `'5m'`, `'2h'`, `'7d'`, `'1w'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`;

/** How long something is kept: a {@link Duration}, or `'forever'` for a key without an expiry. */
export type Ttl = Duration | 'forever';

/** Inside the library a time to live is a number of milliseconds; `'forever'` is the infinite one. */
export const FOREVER_MS = Number.POSITIVE_INFINITY;

const WITH_UNIT = /^\d+(\.\d+)?(ms|s|m|h|d|w)$/;
const LONGEST_MS = ms('100 years');

/** Reads an option that must be a duration, and names the option when it is none. */
export function toMs(
  option: string,
  given: unknown,
  { min = 1, max = LONGEST_MS }: { min?: number; max?: number } = {},
): number {
  const longest = max === LONGEST_MS ? '100 years' : `${max} ms`;
  const expected = `a duration such as '5m', or milliseconds, of at least ${min} ms and at most ${longest}`;
  return msWithin(given, { min, max }) ?? refuse(option, expected, given);
}

/** Like {@link toMs}, and `'forever'` is accepted too. */
export function toTtlMs(option: string, given: unknown): number {
  if (given === 'forever') return FOREVER_MS;
  const expected = `a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'`;
  return msWithin(given, { min: 1, max: LONGEST_MS }) ?? refuse(option, expected, given);
}

/** In whole milliseconds, but compared before they are rounded: half a millisecond is less than one. */
function msWithin(given: unknown, { min, max }: { min: number; max: number }): number | undefined {
  const exact = parse(given);
  if (exact === undefined || !(exact >= min && exact <= max)) return undefined;
  return Math.round(exact) + 0; // never -0
}

function parse(given: unknown): number | undefined {
  if (typeof given === 'number') return given;
  return typeof given === 'string' && WITH_UNIT.test(given) ? ms(given as ms.StringValue) : undefined;
}
