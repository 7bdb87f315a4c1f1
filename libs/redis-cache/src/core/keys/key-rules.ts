import { describeGiven, refuse, shown } from '../common/index.js';
import { FEATURE_WORDS } from './feature-word.js';
import { InvalidKeyError } from './keys.errors.js';

/**
 * Keys hold anything but NUL (it separates parts inside the index) and broken Unicode (two such strings would become
 * the same bytes). The empty key and glob characters are ordinary.
 */
export function assertKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw new InvalidKeyError(`A key is a string, got ${describeGiven('', key)}.`);
  if (key.includes('\0'))
    throw new InvalidKeyError(`The key "${shown(key)}" holds a NUL character, which keys may not.`);
  if (!key.isWellFormed()) {
    throw new InvalidKeyError(`The key "${shown(key)}" holds half of a surrogate pair: it is no valid Unicode text.`);
  }
}

/** Whether {@link assertKey} lets a text pass. */
export function isKey(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Namespaces hold no `:` (else `a` + `b:c` would be `a:b` + `c`), no braces (they choose the hash slot), no NUL. */
export function requireNamespace(option: string, given: unknown): string {
  const usable = typeof given === 'string' && given !== '' && !/[:{}\0]/.test(given);
  if (!usable) return refuse(option, 'a name that is not empty, without ":", braces or NUL', given);
  return requireWellFormed(option, given);
}

/** A prefix may have `:` in it, as in `shop:eu`, but no part of it may be a word that begins one of our own parts. */
export function requirePrefix(option: string, given: unknown): string {
  const usable = typeof given === 'string' && given !== '' && !/[{}\0]/.test(given);
  if (!usable) return refuse(option, 'a text that is not empty, without braces or NUL', given);
  const taken = given.split(':').find((part) => (FEATURE_WORDS as readonly string[]).includes(part));
  if (taken !== undefined)
    return refuse(option, `a text in which no part between ":" is the reserved word "${taken}"`, given);
  return requireWellFormed(option, given);
}

function requireWellFormed(option: string, given: string): string {
  if (given.isWellFormed()) return given;
  return refuse(option, 'valid Unicode text (this holds half of a surrogate pair)', given);
}
