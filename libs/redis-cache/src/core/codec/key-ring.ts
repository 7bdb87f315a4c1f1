import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { InvalidOptionError, refuse } from '../common/index.js';
import { UndecodableError } from './codec.errors.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const [KEY_BYTES, ID_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 4, 12, 16];
const HEAD_BYTES = 1 + ID_BYTES;
const CIPHERTEXT_AT = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * AES-256-GCM with several keys: the first encrypts, and each decrypts what it has encrypted. What lies in Redis is a
 * version, the id of the key, a nonce, the tag and the ciphertext.
 */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly head: Buffer;

  /** @param keys of 32 bytes each, the one to encrypt with first */
  constructor(keys: readonly [Buffer, ...Buffer[]]) {
    this.keys = new Map(keys.map((key) => [idOf(key).toString('hex'), key]));
    this.head = Buffer.concat([Buffer.from([VERSION]), idOf(keys[0])]);
  }

  /** @param place where the bytes will lie: they cannot be decrypted anywhere else */
  encrypt(bytes: Buffer, place: string): Buffer {
    const { head } = this;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keyOf(head), nonce).setAAD(associated(head, place));
    const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([head, nonce, cipher.getAuthTag(), ciphertext]);
  }

  /** @throws UndecodableError */
  decrypt(encrypted: Buffer, place: string): Buffer {
    if (encrypted.length < CIPHERTEXT_AT || encrypted[0] !== VERSION)
      throw new UndecodableError('they are not encrypted as they should be.');
    const head = encrypted.subarray(0, HEAD_BYTES);
    const nonce = encrypted.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    const cipher = createDecipheriv(CIPHER, this.keyOf(head), nonce, { authTagLength: TAG_BYTES })
      .setAAD(associated(head, place))
      .setAuthTag(encrypted.subarray(HEAD_BYTES + NONCE_BYTES, CIPHERTEXT_AT));
    try {
      return Buffer.concat([cipher.update(encrypted.subarray(CIPHERTEXT_AT)), cipher.final()]);
    } catch {
      throw new UndecodableError('they were changed, or lay in another place.');
    }
  }

  private keyOf(head: Buffer): Buffer {
    const id = head.subarray(1).toString('hex');
    const key = this.keys.get(id);
    if (key === undefined) throw new UndecodableError(`no key of the ring has the id ${id}.`);
    return key;
  }
}

/** @throws InvalidOptionError naming the key, and not showing it */
export function requireKeyRing(option: string, given: unknown): KeyRing {
  if (!Array.isArray(given) || given.length === 0)
    return refuse(option, 'an array of keys, the one to encrypt with first', given);
  const keys = given.map((key, at) => requireKey(`${option}[${at}]`, key));
  keys.forEach((key, at) => {
    const first = keys.findIndex((other) => other.equals(key));
    if (first < at) throw new InvalidOptionError(`${option}[${at}]`, `is the same key as ${option}[${first}].`);
  });
  return new KeyRing(keys as [Buffer, ...Buffer[]]);
}

function requireKey(option: string, given: unknown): Buffer {
  const key = typeof given === 'string' ? Buffer.from(given, 'base64') : Buffer.alloc(0);
  if (key.length === KEY_BYTES && key.toString('base64') === given) return key;
  return refuse(option, `${KEY_BYTES} bytes as base64, such as "openssl rand -base64 32" prints`, given);
}

function idOf(key: Buffer): Buffer {
  return createHash('sha256').update('id of a key').update(key).digest().subarray(0, ID_BYTES);
}

function associated(head: Buffer, place: string): Buffer {
  return Buffer.concat([head, Buffer.from(place, 'utf8')]);
}
