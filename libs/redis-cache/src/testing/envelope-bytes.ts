import { ENVELOPE_VERSION, type Envelope, FIXED_BLOCK_BYTES } from '../core/codec/index.js';

const [FRESH_UNTIL_AT, EXPIRES_AT] = [8, 14];
const NEVER = 2 ** 48 - 1;

/** An entry as Lua writes it. The layout is in core/codec/envelope.ts. */
export function envelopeBytes({ flags, tags, payload, ...times }: Envelope): Buffer {
  const tagBytes = Buffer.from(tags.join('\0'), 'utf8');
  const block = Buffer.alloc(FIXED_BLOCK_BYTES);
  block.writeUInt8(ENVELOPE_VERSION, 0);
  block.writeUInt8(flags, 1);
  block.writeUIntBE(times.createdAtMs, 2, 6);
  block.writeUInt32BE(Math.min(Math.round(times.loadMs), 2 ** 32 - 1), 20);
  block.writeUInt16BE(tagBytes.length, 24);
  return withEnd(Buffer.concat([block, tagBytes, payload]), times);
}

/** The same entry with another end. */
export function withEnd(
  bytes: Buffer,
  { freshUntilMs, expiresAtMs }: Pick<Envelope, 'freshUntilMs' | 'expiresAtMs'>,
): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUIntBE(Math.min(freshUntilMs, NEVER), FRESH_UNTIL_AT, 6);
  changed.writeUIntBE(Math.min(expiresAtMs, NEVER), EXPIRES_AT, 6);
  return changed;
}
