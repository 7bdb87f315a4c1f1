/**
 * One link of the chain between a serialised value and what lies in Redis. Encoding runs the steps in order, decoding
 * in reverse.
 */
export interface CodecStep {
  /** @param flags the envelope's flags, for a step that protects them */
  encode(bytes: Buffer, flags: number): Buffer;
  /** @throws UndecodableError */
  decode(bytes: Buffer, flags: number): Buffer;
}
