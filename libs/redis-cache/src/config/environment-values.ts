import { readFileSync } from 'node:fs';
import { type Duration, InvalidOptionError, messageOf, type Ttl } from '../core/common/index.js';

const PEM = /^-----BEGIN /;

/** A bare number is milliseconds; anything else carries its unit. */
export function toDuration(text: string): Duration {
  return (/^\d+$/.test(text) ? Number(text) : text) as Duration;
}

export function toTtl(text: string): Ttl {
  return text === 'forever' ? text : toDuration(text);
}

export function toBoolean(text: string): boolean {
  return text === 'true' || text === '1';
}

/** `a:1, b:2` to its parts. */
export function toList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** A certificate or key: the PEM text itself (`\n` may be written out), or the path of a file that holds it. */
export function toPem(name: string, text: string): string {
  if (PEM.test(text)) return text.replaceAll('\\n', '\n');
  try {
    return readFileSync(text, 'utf8');
  } catch (error) {
    throw new InvalidOptionError(name, `expected PEM text or the path of a readable file: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
