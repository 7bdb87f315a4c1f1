import { crc32 } from 'node:zlib';
import { UndecodableError } from './codec.errors.js';
import type { CodecStep } from './codec-step.js';

const BYTES = 4;

/**
 * Puts a CRC-32 of flags and payload before the payload. Damaged bytes then read as a miss; without it most of them
 * would decode to a different value.
 */
export const checksumStep: CodecStep = {
  encode(bytes, flags) {
    const checked = Buffer.allocUnsafe(BYTES + bytes.length);
    checked.writeUInt32BE(crc32(bytes, flags), 0);
    bytes.copy(checked, BYTES);
    return checked;
  },
  decode(checked, flags) {
    if (checked.length < BYTES) throw new UndecodableError('the payload is too short for a checksum.');
    const bytes = checked.subarray(BYTES);
    if (checked.readUInt32BE(0) !== crc32(bytes, flags)) throw new UndecodableError('the checksum does not match.');
    return bytes;
  },
};
