import { messageOf } from '../common/index.js';
import { UnsupportedValueError } from './codec.errors.js';
import type { Serializer } from './serializer.js';

/** A plain JSON text that any other program can read. What JSON has no form for is lost: a `Date` returns as a string. */
export const jsonSerializer: Serializer = {
  id: 1,
  format: 'plain',
  fidelity: 'lossy',
  encode(value) {
    const text = stringify(value);
    if (text === undefined) throw new UnsupportedValueError('$', `is a ${typeof value}, for which JSON has no form.`);
    return Buffer.from(text, 'utf8');
  },
  decode: (bytes) => JSON.parse(bytes.toString('utf8')) as unknown,
};

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new UnsupportedValueError('$', `is refused by JSON: ${messageOf(error)}`, { cause: error });
  }
}
