import { defineScript, type RawReply } from '../core/scripts/index.js';
import type { ExplainReply } from './entry-explanation.js';
import { lua } from './lua/index.js';

export type LeaseReply =
  | { readonly outcome: 'value'; readonly stored: Buffer }
  | { readonly outcome: 'granted' }
  /** Somebody else is loading; or, as `put`, is writing to the source; or the source may still give what was. */
  | { readonly outcome: 'busy'; readonly remainingMs: number; readonly kind: 'load' | 'put' | 'settling' };

export interface SliceReply {
  readonly removed: number;
  /** The last member that was looked at, to go on behind it; undefined at the end. */
  readonly last: Buffer | undefined;
  /** What was listed and not evicted. */
  readonly members: readonly Buffer[];
}

/** See `lua/lease.lua`. The token makes it safe to send again: who has the lease is granted it again. */
export const takeLease = defineScript({
  name: 'lease',
  lua: lua.lease,
  keys: ['entry', 'lease', 'index', 'log'],
  args: [
    'token',
    'key',
    'purpose',
    'leaseMs',
    'channel',
    'publish',
    'tags',
    'indexTtlMs',
    'epoch',
    'holder',
    'serverStart',
  ],
  resend: 'safe',
  reply: readLeaseReply,
});

/** See `lua/fill.lua`. Re-sent after it ran, it would be refused although the value was stored: harmless, but untrue. */
export const fillEntry = defineScript({
  name: 'fill',
  lua: lua.fill,
  keys: ['entry', 'lease', 'index', 'log'],
  args: ['token', 'key', 'format', 'flags', 'ttlMs', 'loadMs', 'tags', 'payload', 'indexTtlMs'],
  resend: 'never',
  reply: (redisMs): number | undefined => (redisMs === null ? undefined : (redisMs as number)),
});

/** See `lua/release.lua`. */
export const releaseLease = defineScript({
  name: 'release',
  lua: lua.release,
  keys: ['lease'],
  args: ['token'],
  resend: 'safe',
  reply: (released) => released === 1,
});

/** See `lua/renew.lua`. */
export const renewLease = defineScript({
  name: 'renew',
  lua: lua.renew,
  keys: ['lease'],
  args: ['token', 'leaseMs'],
  resend: 'safe',
  reply: (renewed) => renewed === 1,
});

/** See `lua/set.lua`. Re-sent, it could undo an invalidation that came in between: the outcome is then unknown instead. */
export const setEntry = defineScript({
  name: 'set',
  lua: lua.set,
  keys: ['entry', 'lease', 'index'],
  args: ['key', 'format', 'flags', 'ttlMs', 'tags', 'payload', 'indexTtlMs', 'when', 'serverStart'],
  resend: 'never',
  reply: (redisMs): number | undefined => (redisMs === null ? undefined : (redisMs as number)),
});

/** See `lua/evict.lua`. */
export const evictEntries = defineScript({
  name: 'evict',
  lua: lua.evict,
  keys: ['index'],
  args: ['log', 'entryHead', 'leaseHead', 'keys', 'settleMs', 'epoch'],
  resend: 'safe',
  reply: countUnlessMoving,
});

/** See `lua/evict-one.lua`. */
export const evictOne = defineScript({
  name: 'evictOne',
  lua: lua.evictOne,
  keys: ['name'],
  args: ['kind'],
  resend: 'safe',
  reply: Number,
});

/** See `lua/settle.lua`. */
export const settleKeys = defineScript({
  name: 'settle',
  lua: lua.settle,
  keys: ['log'],
  args: ['epoch', 'keys', 'settleMs'],
  resend: 'safe',
  reply: () => undefined,
});

/** See `lua/slice.lua`. */
export const walkSlice = defineScript({
  name: 'slice',
  lua: lua.slice,
  keys: ['index'],
  args: ['from', 'to', 'limit', 'action', 'entryHead', 'leaseHead'],
  resend: 'safe',
  reply: readSliceReply,
});

/** See `lua/invalidate-tags.lua`. */
export const invalidateTags = defineScript({
  name: 'invalidateTags',
  lua: lua.invalidateTags,
  keys: ['log'],
  args: ['epoch', 'tags', 'settleMs'],
  resend: 'safe',
  reply: () => undefined,
});

/** See `lua/forget-loads.lua`. */
export const forgetLoads = defineScript({
  name: 'forgetLoads',
  lua: lua.forgetLoads,
  keys: ['log'],
  args: ['epoch'],
  resend: 'safe',
  reply: () => undefined,
});

/** See `lua/rebuild-begin.lua`. */
export const beginRebuild = defineScript({
  name: 'rebuildBegin',
  lua: lua.rebuildBegin,
  keys: ['index'],
  args: ['id', 'indexTtlMs'],
  resend: 'safe',
  reply: (begun) => begun === 1,
});

/** See `lua/rebuild-list.lua`. */
export const listInRebuild = defineScript({
  name: 'rebuildList',
  lua: lua.rebuildList,
  keys: ['index'],
  args: ['entryHead', 'leaseHead', 'keys', 'indexTtlMs', 'format'],
  resend: 'safe',
  reply: countUnlessMoving,
});

/** See `lua/rebuild-end.lua`. A lost reply is taken for a lost index: the rebuild starts over. */
export const endRebuild = defineScript({
  name: 'rebuildEnd',
  lua: lua.rebuildEnd,
  keys: ['index'],
  args: ['id'],
  resend: 'safe',
  reply: (complete) => complete === 1,
});

/** See `lua/touch.lua`. */
export const touchEntry = defineScript({
  name: 'touch',
  lua: lua.touch,
  keys: ['entry', 'index'],
  args: ['ttlMs', 'indexTtlMs', 'serverStart'],
  resend: 'never',
  reply: (found) => found === 1,
});

/** See `lua/remaining.lua`. */
export const remainingOfEntry = defineScript({
  name: 'remaining',
  lua: lua.remaining,
  keys: ['entry'],
  args: ['serverStart'],
  resend: 'safe',
  reply: (ms): number | 'forever' | undefined => (ms === null ? undefined : ms === -1 ? 'forever' : (ms as number)),
});

/** See `lua/pull.lua`. */
export const pullEntry = defineScript({
  name: 'pull',
  lua: lua.pull,
  keys: ['entry', 'lease', 'index'],
  args: ['key', 'serverStart'],
  resend: 'never',
  reply: (stored) => stored as Buffer | null,
});

/** See `lua/mark-stale.lua`. */
export const markEntryStale = defineScript({
  name: 'markStale',
  lua: lua.markStale,
  keys: ['entry', 'lease'],
  args: [],
  resend: 'safe',
  reply: (found) => found === 1,
});

/** See `lua/increment.lua`. */
export const incrementCounter = defineScript({
  name: 'increment',
  lua: lua.increment,
  keys: ['entry', 'lease', 'index'],
  args: ['key', 'by', 'ttlMs', 'indexTtlMs'],
  resend: 'never',
  reply: Number,
});

/** See `lua/explain.lua`. */
export const explainEntry = defineScript({
  name: 'explain',
  lua: lua.explain,
  keys: ['entry', 'lease'],
  args: [],
  resend: 'safe',
  reply: (raw) => raw as ExplainReply,
});

function countUnlessMoving(count: RawReply): number | undefined {
  return count === null ? undefined : (count as number);
}

function readLeaseReply(raw: RawReply): LeaseReply {
  const [outcome, detail, kind] = raw as [Buffer, RawReply, Buffer];
  switch (outcome.toString()) {
    case 'value':
      return { outcome: 'value', stored: detail as Buffer };
    case 'busy':
      return { outcome: 'busy', remainingMs: detail as number, kind: kind.toString() as 'load' | 'put' | 'settling' };
    default:
      return { outcome: 'granted' };
  }
}

function readSliceReply(raw: RawReply): SliceReply | undefined {
  if (raw === null) return undefined;
  const [removed, last, members = []] = raw as [number, Buffer, Buffer[]?];
  return { removed, last: last.length === 0 ? undefined : last, members };
}
