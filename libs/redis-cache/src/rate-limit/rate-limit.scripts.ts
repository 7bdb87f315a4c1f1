import { defineScript, type Script } from '../core/scripts/index.js';
import { lua } from './lua/index.js';

/** See `lua/decide.lua`. The id of each request makes it safe to send again. */
export const decideRequests = defineScript({
  name: 'decide',
  lua: lua.decide,
  keys: ['notes'],
  args: ['requests', 'mode', 'group', 'notedMs'],
  resend: 'safe',
  reply: (raw) => raw as readonly number[],
});

/** See `lua/refund.lua`. */
export const refundLimits = defineScript({
  name: 'refund',
  lua: lua.refund,
  keys: ['notes'],
  args: ['requests', 'arrival', 'group', 'notedMs'],
  resend: 'safe',
  reply: Number,
});

/** The same script for the limits of these keys, which stand behind that of the notes. */
export function onKeys<Argument extends string, Reply>(
  script: Script<'notes', Argument, Reply>,
  { notes, limits }: { readonly notes: string; readonly limits: readonly string[] },
): readonly [script: Script<string, Argument, Reply>, keys: Readonly<Record<string, string>>] {
  const keys: Record<string, string> = { notes };
  const names: string[] = ['notes'];
  for (const [at, limit] of limits.entries()) {
    const name = String(at);
    names.push(name);
    keys[name] = limit;
  }
  return [{ ...script, keys: names }, keys];
}

/** See `lua/renew.lua`. */
export const renewSlots = defineScript({
  name: 'renew',
  lua: lua.renew,
  keys: ['slots'],
  args: ['id', 'cost', 'windowMs'],
  resend: 'safe',
  reply: (renewed) => renewed === 1,
});
