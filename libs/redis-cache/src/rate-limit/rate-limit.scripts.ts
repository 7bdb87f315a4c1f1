import { defineScript } from '../core/scripts/index.js';
import { lua } from './lua/index.js';

/** See `lua/decide.lua`. The id of each request makes it safe to send again. */
export const decideRequests = defineScript({
  name: 'decide',
  lua: lua.decide,
  keys: ['first'],
  args: ['requests', 'mode', 'notes', 'group', 'notedMs'],
  resend: 'safe',
  reply: (raw) => raw as readonly number[],
});

/** See `lua/refund.lua`. */
export const refundLimits = defineScript({
  name: 'refund',
  lua: lua.refund,
  keys: ['first'],
  args: ['requests', 'arrival', 'notes', 'group', 'notedMs'],
  resend: 'safe',
  reply: Number,
});

/** See `lua/renew.lua`. */
export const renewSlots = defineScript({
  name: 'renew',
  lua: lua.renew,
  keys: ['slots'],
  args: ['id', 'cost', 'windowMs'],
  resend: 'safe',
  reply: (renewed) => renewed === 1,
});
