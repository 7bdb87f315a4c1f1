import { type Codec, createCodec } from '../core/codec/index.js';
import { InvalidKeyError } from '../core/keys/index.js';
import type { ResolvedSessionOptions } from './session.options.js';
import type { SessionDevice, SessionInfo } from './session.js';
import type { SessionFields, StoredSession } from './session-store.js';

const LONGEST_TEXT = 512;

/** What a session holds: to bytes and back, field by field. */
export class SessionData {
  private readonly codec: Codec;
  private readonly flags: number;

  constructor({ classes }: ResolvedSessionOptions) {
    this.codec = createCodec({ serializer: 'typed', classes });
    this.flags = this.codec.encode(null).flags;
  }

  /** A field that is `undefined` is one to remove. @throws UnsupportedValueError, InvalidKeyError */
  encode(data: object): { set: SessionFields; unset: readonly string[] } {
    const fields = Object.entries(data as Record<string, unknown>);
    const set = fields.filter(([, value]) => value !== undefined);
    return {
      set: new Map(set.map(([name, value]) => [nameOf(name), this.codec.encode(value).payload])),
      unset: fields.filter(([, value]) => value === undefined).map(([name]) => nameOf(name)),
    };
  }

  /** @param onUndecodable is told of fields that cannot be read; they are left out */
  decode(fields: SessionFields, onUndecodable: (field: string, error: unknown) => void): Record<string, unknown> {
    const data: Record<string, unknown> = {};
    for (const [name, payload] of fields) {
      try {
        const value = this.codec.decode({ flags: this.flags, payload });
        if (name === '__proto__') defineField(data, name, value);
        else data[name] = value;
      } catch (error) {
        onUndecodable(name, error);
      }
    }
    return data;
  }

  encodeDevice({ name, userAgent, ip }: SessionDevice): Buffer {
    return Buffer.from(JSON.stringify([name, userAgent, ip].map((text) => text?.slice(0, LONGEST_TEXT) ?? null)));
  }

  infoOf({ id, userId, createdMs, seenMs, loginMs, expiresMs, device }: StoredSession): SessionInfo {
    return {
      id,
      userId,
      createdAt: new Date(createdMs),
      lastSeenAt: new Date(seenMs),
      loggedInAt: loginMs === undefined ? undefined : new Date(loginMs),
      expiresAt: new Date(expiresMs),
      device: this.decodeDevice(device),
    };
  }

  private decodeDevice(bytes: Buffer): SessionDevice {
    const [name, userAgent, ip] = JSON.parse(bytes.toString() || '[]') as (string | null)[];
    return { ...(name && { name }), ...(userAgent && { userAgent }), ...(ip && { ip }) };
  }
}

/** An assignment would set the prototype. */
function defineField(data: object, name: string, value: unknown): void {
  Object.defineProperty(data, name, { value, enumerable: true, writable: true, configurable: true });
}

function nameOf(name: string): string {
  if (name.isWellFormed()) return name;
  throw new InvalidKeyError('The name of a field holds half of a surrogate pair: it is no valid Unicode text.');
}
