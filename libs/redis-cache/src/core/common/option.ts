import { InvalidOptionError, NotAvailableYetError } from './option.errors.js';
import { shown } from './shown.js';

const SECRET = /pass|secret|token|keys?$|cert|(^|_)(ca|tls)$/i;
const URL_LIKE = /url$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const HOST_OF_URL = /^([\w.-]+|\[[\da-f:.]+\])$/i;
const MAY_HOLD_A_SECRET = /@|:\/\/|-----BEGIN/;

/** What was given, short enough for a message, with nothing secret in it. */
export function describeGiven(option: string, given: unknown): string {
  if (given === undefined) return 'nothing';
  if (given === null) return 'null';
  if (Array.isArray(given)) return `an array of ${given.length}`;
  const name = lastPartOf(option);
  switch (typeof given) {
    case 'string':
      if (SECRET.test(name)) return `a value of ${given.length} characters (hidden)`;
      return URL_LIKE.test(name) ? describeUrl(given) : describeText(given);
    case 'number':
    case 'bigint':
      return SECRET.test(name) || URL_LIKE.test(name) ? `a ${typeof given} (hidden)` : String(given);
    case 'boolean':
      return String(given);
    case 'object':
      return 'an object';
    default:
      return `a ${typeof given}`;
  }
}

/** `connections.durable.password` and `encryption.keys[0]` are secret, `cache.namespaces.tokens.ttl` is not. */
function lastPartOf(option: string): string {
  return option.replace(/(\[\d+\])+$/, '').replace(/^.*\./s, '');
}

function describeText(text: string): string {
  return MAY_HOLD_A_SECRET.test(text) ? describeUrl(text) : quote(text);
}

function describeUrl(text: string): string {
  return text === '' || SCHEME.test(text) ? quote(hideCredentials(text)) : hideCredentials(text);
}

/**
 * Of a URL its scheme, host and port; of one that cannot be read, or that may have been cut apart inside its password
 * (by a `/` for example), only the scheme. A text that is no URL is not shown at all.
 */
export function hideCredentials(text: string): string {
  if (text === '') return text;
  const [scheme] = SCHEME.exec(text) ?? [];
  if (scheme === undefined) return `a text of ${text.length} characters (hidden: it may hold a password)`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !HOST_OF_URL.test(url.hostname)) return `${scheme}…`;
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return `${scheme}…`;
  const shown = `${scheme}${url.host}`;
  return shown === text ? shown : `${shown}…`;
}

function quote(text: string): string {
  return `'${shown(text)}'`;
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

export function requireBoolean(option: string, given: unknown): boolean {
  return typeof given === 'boolean' ? given : refuse(option, 'true or false', given);
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
