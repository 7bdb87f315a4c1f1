import { createHmac, hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const BUCKET_DIGITS = 2;
/** An id looks the same. */
const TOKEN = /^[0-9a-f]{2}[A-Za-z0-9_-]{43}$/;

/**
 * How a token, which only the client has, becomes the id that Redis has. Both begin with the bucket of the user, so
 * that all sessions of a user lie in one hash slot.
 */
export class SessionIds {
  constructor(private readonly secret: string | undefined) {}

  /** 256 random bits. Without a user any bucket will do. */
  newToken(userId: string | undefined): string {
    return this.tokenIn(userId === undefined ? hexOf(randomBytes(1)) : this.bucketOf(userId));
  }

  /** A token for the same place as that of a session there is. */
  newTokenBeside(id: string): string {
    return this.tokenIn(bucketOfId(id));
  }

  /** The id of a token; undefined for what is none, about which Redis need not be asked. */
  idOf(token: string): string | undefined {
    return TOKEN.test(token) ? bucketOfId(token) + this.digest(token, 'base64url') : undefined;
  }

  bucketOf(userId: string): string {
    return this.digest(`user:${userId}`, 'hex').slice(0, BUCKET_DIGITS);
  }

  private tokenIn(bucket: string): string {
    return bucket + randomBytes(TOKEN_BYTES).toString('base64url');
  }

  private digest(text: string, encoding: 'hex' | 'base64url'): string {
    if (this.secret === undefined) return hash('sha256', text, encoding);
    return createHmac('sha256', this.secret).update(text).digest(encoding);
  }
}

/** All buckets there are. */
export const SESSION_BUCKETS = Array.from({ length: 256 }, (_, bucket) => hexOf(Buffer.from([bucket])));

export function isSessionId(text: string): boolean {
  return TOKEN.test(text);
}

export function bucketOfId(id: string): string {
  return id.slice(0, BUCKET_DIGITS);
}

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex');
}
