import { defineScript, type RawReply } from '../core/scripts/index.js';
import { lua } from './lua/index.js';
import type { ClaimReply, LockHolder, LockMode, LockOwner, LockState, LockWaiter } from './lock-store.js';

/** A reply, and the epoch it was given in; '' when there was none. */
type ClaimInEpoch = ClaimReply & { readonly epoch: string };

/** See `lua/take.lua`. Sent again by the same attempt, it takes nothing, and `lua/acquire.lua` says what was taken before. */
export const takeLock = defineScript({
  name: 'lock-take',
  lua: lua.take,
  keys: ['holders', 'epoch'],
  args: ['attempt', 'asked', 'knownEpoch'],
  resend: 'safe',
  reply: (token): number | undefined => (token === null ? undefined : Number(token)),
});

/** See `lua/acquire.lua`. The attempt makes it safe to send again. */
export const acquireLock = defineScript({
  name: 'lock-acquire',
  lua: lua.acquire,
  keys: ['holders', 'queue', 'waiters', 'epoch', 'latch'],
  args: ['attempt', 'asked', 'knownEpoch', 'terms'],
  resend: 'safe',
  reply: readClaim,
});

/** See `lua/extend.lua`. */
export const extendLock = defineScript({
  name: 'lock-extend',
  lua: lua.extend,
  keys: ['holders'],
  args: ['attempt', 'ttlMs'],
  resend: 'safe',
  reply: (remainingMs): number | undefined => (remainingMs === null ? undefined : (remainingMs as number)),
});

const wasReleased = (answer: RawReply): 'released' | 'lost' => (answer === 1 ? 'released' : 'lost');

/** See `lua/release.lua`. */
export const releaseLock = defineScript({
  name: 'lock-release',
  lua: lua.release,
  keys: ['holders', 'queue', 'waiters'],
  args: ['attempt', 'fencingToken'],
  resend: 'safe',
  reply: wasReleased,
});

/** See `lua/cancel.lua`. */
export const cancelAttempt = defineScript({
  name: 'lock-cancel',
  lua: lua.cancel,
  keys: ['holders', 'queue', 'waiters', 'latch'],
  args: ['attempt'],
  resend: 'safe',
  reply: wasReleased,
});

/** See `lua/inspect.lua`. */
export const inspectLock = defineScript({
  name: 'lock-inspect',
  lua: lua.inspect,
  keys: ['holders', 'queue', 'waiters'],
  args: ['most'],
  resend: 'safe',
  reply: readState,
});

/**
 * Writes a field of a Redis hash under a lock, unless somebody with a newer fencing token has written before. Answers
 * whether it was written. The field `fence` of the hash is its own.
 *
 * @example
 * const isWritten = await connection.run(
 *   fencedSet, { hash: 'report' }, { fencingToken: lock.fencingToken, field: 'text', value: text },
 * );
 */
export const fencedSet = defineScript({
  name: 'fenced-set',
  lua: lua.fencedSet,
  keys: ['hash'],
  args: ['fencingToken', 'field', 'value'],
  resend: 'safe',
  reply: (written) => written === 1,
});

function readClaim(raw: RawReply): ClaimInEpoch {
  const [outcome, epoch, remaining, last] = raw as (Buffer | number)[];
  const remainingMs = Number(remaining);
  switch (String(outcome)) {
    case 'granted':
      return { outcome: 'granted', epoch: String(epoch), remainingMs, fencingToken: Number(last) };
    case 'busy':
      return { outcome: 'busy', epoch: String(epoch), remainingMs, holder: ownerIn(String(last)) };
    case 'closed':
      return { outcome: 'closed', epoch: String(epoch), remainingMs };
    default:
      return { outcome: 'void', epoch: '' };
  }
}

function readState(raw: RawReply): LockState {
  const [holders, waiters] = raw as [RawReply[][], RawReply[][]];
  return { holders: holders.map(readHolder), waiters: waiters.map(readWaiter) };
}

function readHolder([mode, remainingMs, token, since, who]: RawReply[]): LockHolder {
  return {
    ...ownerIn(String(who))!,
    mode: String(mode) as LockMode,
    since: new Date(Number(since)),
    remainingMs: Number(remainingMs),
    fencingToken: Number(token),
  };
}

function readWaiter([mode, since, who]: RawReply[]): LockWaiter {
  return { ...ownerIn(String(who))!, mode: String(mode) as LockMode, since: new Date(Number(since)) };
}

/** What a claim says of who asks. Names of machines hold no spaces. */
export function textOfOwner({ pid, host, purpose }: LockOwner): string {
  return `${pid} ${host} ${purpose}`;
}

function ownerIn(text: string): LockOwner | undefined {
  if (text === '') return undefined;
  const [pid = '', host = ''] = text.split(' ', 2);
  return { pid: Number(pid), host, purpose: text.slice(pid.length + host.length + 2) };
}
