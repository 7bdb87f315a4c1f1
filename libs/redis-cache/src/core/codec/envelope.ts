import { UndecodableError } from './codec.errors.js';

/**
 * What precedes the payload of an entry. The fixed block is big-endian; times are milliseconds of Redis's clock.
 *
 * | bytes | field                                                       |
 * |-------|-------------------------------------------------------------|
 * | 0     | version: never a digit, `-`, or the first byte of JSON text |
 * | 1     | flags: serialiser and codec steps; {@link ERROR_FLAG}        |
 * | 2–7   | created at                                                  |
 * | 8–13  | fresh until ({@link NEVER} when it has no end)              |
 * | 14–19 | expires at ({@link NEVER} when it has no end)               |
 * | 20–23 | load duration                                               |
 * | 24–25 | length of the tags                                          |
 * | 26…   | tags, separated by NUL, then the payload                    |
 *
 * Lua writes it with `TIME` and reads it with `GETRANGE`; see `cache/lua`.
 */
export interface Envelope {
  readonly flags: number;
  readonly createdAtMs: number;
  readonly freshUntilMs: number;
  readonly expiresAtMs: number;
  readonly loadMs: number;
  readonly tags: readonly string[];
  readonly payload: Buffer;
}

export const ENVELOPE_VERSION = 0x01;
export const FIXED_BLOCK_BYTES = 26;

/** What lies there is not a value, but a remembered error. */
export const ERROR_FLAG = 0x80;

const NEVER = 2 ** 48 - 1;

export type EntryHeader = Omit<Envelope, 'payload'>;

/** The header alone, as a script answers it when the value is of no interest. @throws UndecodableError */
export function readHeader(header: Buffer): EntryHeader {
  const { payload: _, ...rest } = readEnvelope(header);
  return rest;
}

/** @throws UndecodableError when the bytes are no envelope of this version. */
export function readEnvelope(bytes: Buffer): Envelope {
  if (bytes.length < FIXED_BLOCK_BYTES)
    throw new UndecodableError(`${bytes.length} bytes are too few for an envelope.`);
  if (bytes[0] !== ENVELOPE_VERSION)
    throw new UndecodableError(`the version is ${bytes[0]}, expected ${ENVELOPE_VERSION}.`);
  const payloadAt = FIXED_BLOCK_BYTES + bytes.readUInt16BE(24);
  if (payloadAt > bytes.length) throw new UndecodableError('the tags are longer than the whole.');
  return {
    flags: bytes[1]!,
    createdAtMs: bytes.readUIntBE(2, 6),
    freshUntilMs: readTime(bytes, 8),
    expiresAtMs: readTime(bytes, 14),
    loadMs: bytes.readUInt32BE(20),
    tags: readTags(bytes, payloadAt),
    payload: bytes.subarray(payloadAt),
  };
}

function readTime(bytes: Buffer, at: number): number {
  const time = bytes.readUIntBE(at, 6);
  return time === NEVER ? Number.POSITIVE_INFINITY : time;
}

function readTags(bytes: Buffer, end: number): readonly string[] {
  return end === FIXED_BLOCK_BYTES ? [] : bytes.toString('utf8', FIXED_BLOCK_BYTES, end).split('\0');
}
