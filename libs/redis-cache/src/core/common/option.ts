import { InvalidOptionError, NotAvailableYetError } from './option.errors.js';

const SECRET = /pass|secret|token|key$|keys$|cert|(^|[._])ca$/i;
const CREDENTIALS_IN_URL = /^([a-z][a-z0-9+.-]*:\/\/)[^@/?#]*@/i;

/** What was given, short enough for a message, with nothing secret in it. */
export function describeGiven(option: string, given: unknown): string {
  if (given === undefined) return 'nothing';
  if (given === null) return 'null';
  if (Array.isArray(given)) return `an array of ${given.length}`;
  switch (typeof given) {
    case 'string':
      return SECRET.test(option) ? `a value of ${given.length} characters (hidden)` : quote(hideCredentials(given));
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(given);
    case 'symbol':
      return given.toString();
    case 'object':
      return 'an object';
    default:
      return `a ${typeof given}`;
  }
}

function quote(text: string): string {
  return `'${text.length > 80 ? `${text.slice(0, 77)}…` : text}'`;
}

/** `redis://user:secret@host` becomes `redis://***@host`. A URL that cannot be read is not shown at all. */
export function hideCredentials(text: string): string {
  if (!text.includes('@')) return text;
  return CREDENTIALS_IN_URL.test(text)
    ? text.replace(CREDENTIALS_IN_URL, '$1***@')
    : '(hidden: it may hold a password)';
}

export function refuse(option: string, expected: string, given: unknown): never {
  throw new InvalidOptionError(option, `expected ${expected}, got ${describeGiven(option, given)}.`);
}

export function requireObject(option: string, given: unknown): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  return refuse(option, 'an object', given);
}

export function requireString(option: string, given: unknown): string {
  return typeof given === 'string' && given !== '' ? given : refuse(option, 'a string that is not empty', given);
}

export function requireInteger(option: string, given: unknown, range: { min: number; max: number }): number {
  if (Number.isInteger(given) && (given as number) >= range.min && (given as number) <= range.max)
    return given as number;
  return refuse(option, `a whole number from ${range.min} to ${range.max}`, given);
}

export function requireOneOf<const T extends string>(option: string, given: unknown, accepted: readonly T[]): T {
  if (accepted.includes(given as T)) return given as T;
  return refuse(option, accepted.map((value) => `'${value}'`).join(' or '), given);
}

/** A key nobody reads is a typo or a feature of another version: both stop the boot. */
export function refuseUnknownKeys(
  path: string,
  given: Record<string, unknown>,
  { known, notYet = [] }: { known: readonly string[]; notYet?: readonly string[] },
): void {
  for (const key of Object.keys(given)) {
    if (given[key] === undefined || known.includes(key)) continue;
    const option = path === '' ? key : `${path}.${key}`;
    if (notYet.includes(key)) throw new NotAvailableYetError(option);
    throw new InvalidOptionError(option, `there is no such option. Accepted here: ${known.join(', ')}.`);
  }
}
