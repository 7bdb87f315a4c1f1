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
export function toMs(option: string, given: unknown, { min = 1 }: { min?: number } = {}): number {
  const parsed = parse(given);
  if (parsed !== undefined && parsed >= min && parsed <= LONGEST_MS) return parsed;
  return refuse(option, `a duration such as '5m', or milliseconds, of at least ${min} ms and at most 100 years`, given);
}

/** Like {@link toMs}, and `'forever'` is accepted too. */
export function toTtlMs(option: string, given: unknown): number {
  if (given === 'forever') return FOREVER_MS;
  const parsed = parse(given);
  if (parsed !== undefined && parsed >= 1 && parsed <= LONGEST_MS) return parsed;
  return refuse(
    option,
    `a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'`,
    given,
  );
}

function parse(given: unknown): number | undefined {
  if (typeof given === 'number') return Number.isFinite(given) ? Math.round(given) : undefined;
  if (typeof given !== 'string' || !WITH_UNIT.test(given)) return undefined;
  return Math.round(ms(given as ms.StringValue));
}
