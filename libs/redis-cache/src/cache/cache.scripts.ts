import { defineScript } from '../core/scripts/index.js';
import { lua } from './lua/index.js';

/** See `lua/set.lua`. Re-sent, it could undo an invalidation that came in between: the outcome is then unknown instead. */
export const setEntry = defineScript({
  name: 'set',
  lua: lua.set,
  keys: ['entry'],
  args: ['format', 'flags', 'ttlMs', 'loadMs', 'tags', 'payload'],
  resend: 'never',
  reply: (redisMs) => redisMs as number,
});

/** See `lua/touch.lua`. */
export const touchEntry = defineScript({
  name: 'touch',
  lua: lua.touch,
  keys: ['entry'],
  args: ['ttlMs'],
  resend: 'never',
  reply: (found) => found === 1,
});

/** See `lua/remaining.lua`. */
export const remainingOfEntry = defineScript({
  name: 'remaining',
  lua: lua.remaining,
  keys: ['entry'],
  args: [],
  resend: 'safe',
  reply: (ms): number | 'forever' | undefined => (ms === null ? undefined : ms === -1 ? 'forever' : (ms as number)),
});
