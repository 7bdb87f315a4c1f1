import type { RedisClient } from '../core/connection/index.js';
import type { StoredSession } from './session-store.js';

/** What is known of every session; `state` is read with it. */
const KNOWN = ['state', 'user', 'created', 'login', 'version', 'csrf', 'device'];
/** What the name of a field of the data begins with. */
const DATA = 'd:';

type Bytes = Readonly<Record<string, Buffer>>;

/** A session as a script and the fields beside it tell it. */
export interface FoundSession {
  readonly expiresMs: number;
  readonly seenMs: number;
  readonly fields: Bytes;
}

/** All fields of a session, or those that are known of every session together with some of the data. */
export function readFields(client: RedisClient, session: string, names: readonly string[] | undefined): Promise<Bytes> {
  if (names === undefined) return client.hgetallBuffer(session);
  const wanted = [...KNOWN, ...names.map((name) => DATA + name)];
  return client.hmgetBuffer(session, ...wanted).then((values) => bytesOf(wanted, values));
}

function bytesOf(names: readonly string[], values: readonly (Buffer | null)[]): Bytes {
  return Object.fromEntries(names.flatMap((name, at) => (values[at] ? [[name, values[at]] as const] : [])));
}

export function toStoredSession(id: string, { expiresMs, seenMs, fields }: FoundSession): StoredSession {
  const textOf = (name: string): string => fields[name]?.toString() ?? '';
  const login = textOf('login');
  const data = new Map<string, Buffer>();
  for (const name in fields) if (name.startsWith(DATA)) data.set(name.slice(DATA.length), fields[name]!);
  return {
    id,
    userId: textOf('user') || undefined,
    createdMs: Number(textOf('created')),
    seenMs,
    loginMs: login === '' ? undefined : Number(login),
    expiresMs,
    version: textOf('version'),
    csrf: textOf('csrf'),
    device: fields['device'] ?? Buffer.alloc(0),
    fields: data,
  };
}
