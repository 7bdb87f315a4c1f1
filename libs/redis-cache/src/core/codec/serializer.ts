import { UnsupportedValueError } from './codec.errors.js';

/** Turns values into bytes and back. */
export interface Serializer {
  /** Written into the envelope's flags: bytes of one serialiser are never handed to another. */
  readonly id: number;
  /** `'enveloped'`: a header precedes the bytes. `'plain'`: the bytes are all there is, for readers of other languages. */
  readonly format: 'enveloped' | 'plain';
  /**
   * `'exact'`: what comes back equals what went in. `'lossy'`: it may not (JSON has no `Date`), so every caller, the
   * first one too, is given what comes back.
   */
  readonly fidelity: 'exact' | 'lossy';
  /** @throws UnsupportedValueError */
  encode(value: unknown): Buffer;
  /** May throw anything: the codec reports it as {@link UndecodableError}. */
  decode(bytes: Buffer): unknown;
}

/** A serialiser of your own: any function pair with `decode(encode(value))` giving a value you can work with. */
export interface CustomSerializer {
  encode(value: unknown): Uint8Array | string;
  decode(bytes: Buffer): unknown;
}

export function customSerializer(custom: CustomSerializer): Serializer {
  return {
    id: 3,
    format: 'enveloped',
    fidelity: 'lossy',
    encode(value) {
      const encoded: unknown = custom.encode(value);
      if (typeof encoded === 'string') return Buffer.from(encoded, 'utf8');
      if (ArrayBuffer.isView(encoded)) return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
      throw new UnsupportedValueError('$', 'was encoded by your serialiser to neither bytes nor a string.');
    },
    decode: (bytes) => custom.decode(bytes),
  };
}
