import { packedList } from './packed-list.js';
import { PackedStrings } from './packed-strings.js';
import type { StoredSession } from './session-store.js';

/** What is known of every session. */
const KNOWN = ['user', 'created', 'seen', 'expires', 'version', 'facts'];
/** What the name of a field of the data begins with. */
const DATA = 'd:';
/** Ends the first of the facts, which never holds one. */
const SPACE = 0x20;

/** What a script is to tell of a session: all, or what is known of every session together with some fields of the data. */
export function namesToTell(fields: readonly string[] | undefined): Buffer | '' {
  return fields === undefined ? '' : packedList([...KNOWN, ...fields.map((name) => DATA + name)]);
}

/** What never changes, as one field: each field of a hash has its price at every read. */
export function packedFacts({ csrf, device }: Pick<StoredSession, 'csrf' | 'device'>): Buffer {
  return Buffer.concat([Buffer.from(`${csrf} `), device]);
}

/** @param told see `lua/includes/tell.lua` */
export function toStoredSession(id: string, told: Buffer): StoredSession {
  const strings = new PackedStrings(told);
  const known = new Map<string, string>();
  const fields = new Map<string, Buffer>();
  let facts: Buffer = Buffer.alloc(0);
  while (strings.hasMore) {
    const name = strings.text();
    if (name.startsWith(DATA)) fields.set(name.slice(DATA.length), strings.bytes());
    else if (name === 'facts') facts = strings.bytes();
    else known.set(name, strings.text());
  }
  const endOfCsrf = facts.indexOf(SPACE);
  return {
    id,
    userId: known.get('user') || undefined,
    createdMs: Number(known.get('created')),
    seenMs: Number(known.get('seen')),
    expiresMs: Number(known.get('expires')),
    version: known.get('version')!,
    csrf: facts.toString('latin1', 0, endOfCsrf),
    device: facts.subarray(endOfCsrf + 1),
    fields,
  };
}
