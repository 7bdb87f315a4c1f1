import { defineScript } from '../core/scripts/index.js';
import { lua } from './lua/index.js';

/** Of one limit: units left, ms until the request fits, ms until one more unit is left. */
export type LimitReply = readonly [remaining: number, waitMs: number, nextMs: number];

/** Of a request that was admitted. */
export interface Admission {
  readonly remaining: number;
  readonly nextMs: number;
}

/** See `lua/admit.lua`. What was admitted before is not admitted again: the id of each request makes it safe. */
export const admitRequests = defineScript({
  name: 'admit',
  lua: lua.admit,
  keys: ['first'],
  args: ['requests'],
  resend: 'safe',
  reply: (raw) => String(raw).split(' ').map(admissionOf),
});

/** See `lua/consume.lua`. The id of the request makes it safe to send again. */
export const consumeLimits = defineScript({
  name: 'consume',
  lua: lua.consume,
  keys: ['first'],
  args: ['others', 'limits', 'id', 'mode', 'refundableMs'],
  resend: 'safe',
  reply: (raw) => inThrees(raw as number[]),
});

/** See `lua/refund.lua`. */
export const refundLimits = defineScript({
  name: 'refund',
  lua: lua.refund,
  keys: ['first'],
  args: ['others', 'limits', 'id', 'lateMs'],
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

function inThrees(numbers: readonly number[]): readonly LimitReply[] {
  return Array.from(
    { length: numbers.length / 3 },
    (_, at) => numbers.slice(3 * at, 3 * at + 3) as unknown as LimitReply,
  );
}

function admissionOf(text: string): Admission | undefined {
  if (text === '-') return undefined;
  const colon = text.indexOf(':');
  return { remaining: Number(text.slice(0, colon)), nextMs: Number(text.slice(colon + 1)) };
}
