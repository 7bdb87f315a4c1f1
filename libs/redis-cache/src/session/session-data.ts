import { type Codec, createCodec, type KeyRing } from '../core/codec/index.js';
import { InvalidKeyError } from '../core/keys/index.js';
import type { EventBus } from '../core/events/index.js';
import type { SessionEvents } from './session.events.js';
import type { ResolvedSessionOptions } from './session.options.js';
import type { Session, SessionDevice, SessionInfo } from './session.js';
import type { SessionFields, StoredSession } from './session-store.js';

const LONGEST_TEXT = 512;
const DEVICE = 'device';

/** What a session holds: to bytes and back, field by field. */
export class SessionData<T extends object> {
  private readonly codec: Codec;
  private readonly flags: number;
  private readonly keys: KeyRing | undefined;

  constructor(
    { classes, encryption }: ResolvedSessionOptions,
    private readonly events: EventBus<SessionEvents>,
  ) {
    this.keys = encryption;
    this.codec = createCodec({ serializer: 'typed', classes });
    this.flags = this.codec.encode(null).flags;
  }

  /** A field that is `undefined` is one to remove. @throws UnsupportedValueError, InvalidKeyError */
  encode(data: object): { set: SessionFields; unset: readonly string[] } {
    const fields = Object.entries(data as Record<string, unknown>);
    const set = fields.filter(([, value]) => value !== undefined);
    return {
      set: new Map(set.map(([name, value]) => [nameOf(name), this.encodeField(name, value)])),
      unset: fields.filter(([, value]) => value === undefined).map(([name]) => nameOf(name)),
    };
  }

  /** Fields that cannot be read are left out. */
  decode(id: string, fields: SessionFields): Partial<T> {
    const data: Record<string, unknown> = {};
    for (const [name, payload] of fields) {
      try {
        const value = this.decodeField(name, payload);
        if (name === '__proto__') defineField(data, name, value);
        else data[name] = value;
      } catch (error) {
        this.events.publish('session:undecodable', { id, field: name, error });
      }
    }
    return data as Partial<T>;
  }

  encodeDevice({ name, userAgent, ip }: SessionDevice): Buffer {
    const texts = [name, userAgent, ip].map((text) => text?.slice(0, LONGEST_TEXT) ?? null);
    const bytes = Buffer.from(JSON.stringify(texts));
    return this.keys?.encrypt(bytes, DEVICE) ?? bytes;
  }

  sessionOf(stored: StoredSession): Session<T> {
    const { id, fields, csrf, version } = stored;
    return { ...this.infoOf(stored), data: this.decode(id, fields), csrf, version };
  }

  infoOf({ id, userId, createdMs, seenMs, expiresMs, device }: StoredSession): SessionInfo {
    return {
      id,
      userId,
      createdAt: new Date(createdMs),
      lastSeenAt: new Date(seenMs),
      loggedInAt: userId === undefined ? undefined : new Date(createdMs),
      expiresAt: new Date(expiresMs),
      device: this.decodeDevice(device),
    };
  }

  private encodeField(name: string, value: unknown): Buffer {
    const { payload } = this.codec.encode(value);
    return this.keys?.encrypt(payload, placeOf(name)) ?? payload;
  }

  private decodeField(name: string, bytes: Buffer): unknown {
    const payload = this.keys?.decrypt(bytes, placeOf(name)) ?? bytes;
    return this.codec.decode({ flags: this.flags, payload });
  }

  /** One that cannot be read is unknown. */
  private decodeDevice(bytes: Buffer): SessionDevice {
    try {
      const text = (this.keys?.decrypt(bytes, DEVICE) ?? bytes).toString();
      const [name, userAgent, ip] = JSON.parse(text) as (string | null)[];
      return { ...(name && { name }), ...(userAgent && { userAgent }), ...(ip && { ip }) };
    } catch {
      return {};
    }
  }
}

/** Not what every object has under such a name. */
export function fieldOf<T extends object, K extends keyof T>(data: Partial<T>, field: K): T[K] | undefined {
  return Object.hasOwn(data, field) ? data[field] : undefined;
}

/** As in the hash; the names of a user's fields come after another letter. */
function placeOf(name: string): string {
  return `d:${name}`;
}

/** An assignment would set the prototype. */
function defineField(data: object, name: string, value: unknown): void {
  Object.defineProperty(data, name, { value, enumerable: true, writable: true, configurable: true });
}

function nameOf(name: string): string {
  if (name.isWellFormed()) return name;
  throw new InvalidKeyError('The name of a field holds half of a surrogate pair: it is no valid Unicode text.');
}
