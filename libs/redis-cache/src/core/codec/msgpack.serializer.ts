import { Packr } from 'msgpackr';
import { messageOf } from '../common/index.js';
import { UnsupportedValueError } from './codec.errors.js';
import type { Serializer } from './serializer.js';

/** MessagePack as other languages write it: plain maps, no records, no extensions but the standard's timestamp. */
export function msgpackSerializer(): Serializer {
  const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });
  return {
    id: 2,
    format: 'enveloped',
    fidelity: 'lossy',
    encode(value) {
      try {
        return packr.pack(value);
      } catch (error) {
        throw new UnsupportedValueError('$', `is refused by MessagePack: ${messageOf(error)}`, { cause: error });
      }
    },
    decode: (bytes) => packr.unpack(bytes) as unknown,
  };
}
