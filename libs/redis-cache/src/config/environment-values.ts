import { readFileSync } from 'node:fs';
import { type Duration, InvalidOptionError, type Ttl } from '../core/common/index.js';

const PEM = '-----BEGIN';
export const PEM_EXPECTED = 'PEM text or the path of a file that holds it';

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

/** A certificate or key: the PEM text itself (`\n` may be written out), or that of the file whose path is given. */
export function toPem(name: string, given: string): string {
  const { pem, problem } = readPem(given);
  if (pem === undefined) throw new InvalidOptionError(name, `expected ${PEM_EXPECTED}, got ${problem}.`);
  return pem;
}

/** Why there is no PEM text, or nothing when there is. */
export function problemOfPem(given: string): string | undefined {
  return readPem(given).problem;
}

/**
 * A key that has lost its header looks like the path of a file: so a problem tells neither the path nor, beside its
 * code, the error of the file system, which holds the path too.
 */
function readPem(given: string): { readonly pem?: string; readonly problem?: string } {
  const text = withoutQuotes(given.trim()).trim();
  if (text.includes(PEM)) return { pem: text.replaceAll('\\n', '\n') };
  try {
    const pem = readFileSync(text, 'utf8');
    return pem.includes(PEM) ? { pem } : { problem: `a file without "${PEM}" in it` };
  } catch (error) {
    return { problem: `neither: reading it as a file failed with ${(error as NodeJS.ErrnoException).code}` };
  }
}

function withoutQuotes(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}
