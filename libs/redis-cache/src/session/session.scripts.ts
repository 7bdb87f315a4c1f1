import { defineScript, type RawReply } from '../core/scripts/index.js';
import { lua } from './lua/index.js';

/** What a script says of the session it was asked for, when that is not to be had. `moved`: it is under another id now. */
export type Elsewhere =
  { readonly status: 'moved'; readonly id: string } | { readonly status: 'frozen' | 'gone' | 'unknown' };

/** See `lua/includes/tell.lua` for what is told. */
export type UseReply = Elsewhere | { readonly status: 'found'; readonly told: Buffer };

export type CreateReply =
  | {
      readonly status: 'created';
      readonly redisMs: number;
      readonly expiresMs: number;
      readonly evicted: readonly string[];
    }
  | { readonly status: 'revoked' | 'destroyed' }
  | { readonly status: 'full' | 'too-large'; readonly count: number };

export type WriteReply =
  Elsewhere | { readonly status: 'written' | 'conflict' } | { readonly status: 'too-large'; readonly count: number };

export type RetireReply =
  | Elsewhere
  | { readonly status: 'retired'; readonly told: Buffer }
  | { readonly status: 'ended'; readonly user: string };

/** See `lua/create.lua`. Sent again, it finds the session it has made, or the tombstone of whoever was faster. */
export const createSession = defineScript({
  name: 'createSession',
  lua: lua.create,
  keys: ['session', 'gate', 'index'],
  // prettier-ignore
  args: [
    'id', 'user', 'generation', 'idleMs', 'absoluteMs', 'facts', 'fields', 'maxSize', 'maxSessions', 'whenFull',
    'replaces', 'tombstoneMs',
  ],
  resend: 'safe',
  reply: readCreateReply,
});

/** See `lua/read.lua`. Undefined when it has to be used. */
export const readSession = defineScript({
  name: 'readSession',
  lua: lua.read,
  keys: ['session', 'gate'],
  args: ['touchEveryMs'],
  resend: 'safe',
  reply: (raw) => (raw ?? undefined) as Buffer | undefined,
});

/** See `lua/use.lua`. */
export const useSession = defineScript({
  name: 'useSession',
  lua: lua.use,
  keys: ['session', 'gate', 'index'],
  args: ['id', 'idleMs', 'absoluteMs', 'touchEveryMs', 'names'],
  resend: 'safe',
  reply: (raw) => (Buffer.isBuffer(raw) ? { status: 'found', told: raw } : readElsewhere(raw)) satisfies UseReply,
});

/** See `lua/write.lua`. Sent again, it could undo what another request has written in between. */
export const writeSession = defineScript({
  name: 'writeSession',
  lua: lua.write,
  keys: ['session', 'gate', 'index'],
  args: ['id', 'idleMs', 'absoluteMs', 'touchEveryMs', 'version', 'set', 'unset', 'maxSize'],
  resend: 'never',
  reply: readWriteReply,
});

/** See `lua/rotate.lua`. */
export const rotateSession = defineScript({
  name: 'rotateSession',
  lua: lua.rotate,
  keys: ['session', 'renamed', 'gate', 'index'],
  args: ['id', 'nextId', 'graceMs'],
  resend: 'safe',
  reply: (raw) => readOutcome(raw, 'rotated'),
});

/** See `lua/retire.lua`. */
export const retireSession = defineScript({
  name: 'retireSession',
  lua: lua.retire,
  keys: ['session', 'gate', 'index'],
  args: ['id', 'newUser', 'successor', 'graceMs', 'tombstoneMs'],
  resend: 'safe',
  reply: readRetireReply,
});

/** See `lua/destroy.lua`. */
export const destroySession = defineScript({
  name: 'destroySession',
  lua: lua.destroy,
  keys: ['session', 'gate', 'index'],
  args: ['id', 'owner', 'tombstoneMs'],
  resend: 'safe',
  reply: (raw) => {
    const outcome = readOutcome(raw, 'destroyed');
    return outcome.status === 'destroyed' ? { ...outcome, user: textOf((raw as RawReply[])[1]) } : outcome;
  },
});

/** See `lua/destroy-all.lua`. */
export const destroyAllSessions = defineScript({
  name: 'destroyAllSessions',
  lua: lua.destroyAll,
  keys: ['gate', 'index', 'kept'],
  args: ['user', 'generation', 'gateMs', 'tombstoneMs', 'keptId'],
  resend: 'safe',
  reply: (raw) => (raw as Buffer[]).map(String),
});

/** See `lua/close-gate.lua`. */
export const closeGate = defineScript({
  name: 'closeGate',
  lua: lua.closeGate,
  keys: ['gate'],
  args: ['generation', 'gateMs'],
  resend: 'safe',
  reply: () => undefined,
});

/** See `lua/list.lua`. */
export const listSessions = defineScript({
  name: 'listSessions',
  lua: lua.list,
  keys: ['gate', 'index', 'head'],
  args: ['names'],
  resend: 'safe',
  reply: (raw) => (raw as [Buffer, Buffer][]).map(([id, told]) => ({ id: id.toString(), told })),
});

function readCreateReply(raw: RawReply): CreateReply {
  const [status, detail, expires, evicted] = raw as [Buffer, number, number, Buffer[]];
  const outcome = status.toString() as CreateReply['status'];
  if (outcome === 'created')
    return { status: outcome, redisMs: detail, expiresMs: expires, evicted: evicted.map(String) };
  if (outcome === 'full' || outcome === 'too-large') return { status: outcome, count: detail };
  return { status: outcome };
}

function readWriteReply(raw: RawReply): WriteReply {
  const [status, detail] = raw as [Buffer, number];
  const outcome = status.toString();
  if (outcome === 'written' || outcome === 'conflict') return { status: outcome };
  return outcome === 'too-large' ? { status: outcome, count: detail } : readElsewhere(raw);
}

function readRetireReply(raw: RawReply): RetireReply {
  const [status, detail] = raw as [Buffer, Buffer];
  if (status.toString() === 'retired') return { status: 'retired', told: detail };
  return status.toString() === 'ended' ? { status: 'ended', user: detail.toString() } : readElsewhere(raw);
}

function readOutcome<const Done extends string>(raw: RawReply, done: Done): Elsewhere | { readonly status: Done } {
  return textOf((raw as RawReply[])[0]) === done ? { status: done } : readElsewhere(raw);
}

function readElsewhere(raw: RawReply): Elsewhere {
  const [status, id] = (raw as Buffer[]).map(String) as [Elsewhere['status'], string];
  return status === 'moved' ? { status, id } : { status };
}

function textOf(raw: RawReply | undefined): string {
  return (raw as Buffer).toString();
}
