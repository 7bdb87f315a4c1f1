import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SALT_BYTES = 12;
const SIGNATURE_BYTES = 32;

/** A new text each time, so that a compressed page does not give it away. The secret is that of the session. */
export function makeCsrfToken(secret: string): string {
  const salt = randomBytes(SALT_BYTES);
  return Buffer.concat([salt, sign(salt, secret)]).toString('base64url');
}

export function isCsrfToken(given: unknown, secret: string): boolean {
  if (typeof given !== 'string') return false;
  const bytes = Buffer.from(given, 'base64url');
  if (bytes.length !== SALT_BYTES + SIGNATURE_BYTES) return false;
  return timingSafeEqual(bytes.subarray(SALT_BYTES), sign(bytes.subarray(0, SALT_BYTES), secret));
}

function sign(salt: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(salt).digest();
}
