import { createHash } from 'node:crypto';

export type ScriptArgument = string | number | Buffer;

/** What Redis answers to a script, before `reply` gives it a type. Texts arrive as bytes. */
export type RawReply = number | Buffer | null | RawReply[];

export interface ScriptDefinition<Key extends string, Argument extends string, Reply> {
  /** For messages and events. */
  readonly name: string;
  readonly lua: string;
  /** Names of `KEYS[1]`, `KEYS[2]`, … in this order. All of them must lie in one hash slot. */
  readonly keys: readonly Key[];
  /** Names of `ARGV[1]`, `ARGV[2]`, … in this order. */
  readonly args: readonly Argument[];
  /** Whether running it twice does no harm, so that it may be sent again after a lost connection. */
  readonly resend: 'safe' | 'never';
  /** Gives the reply its type. */
  readonly reply: (raw: RawReply) => Reply;
}

export interface Script<Key extends string, Argument extends string, Reply> extends ScriptDefinition<
  Key,
  Argument,
  Reply
> {
  readonly sha1: string;
}

/**
 * A Lua script as a typed value: its keys, its arguments and its reply have names and types.
 *
 * @example
 * const addUpTo = defineScript({
 *   name: 'addUpTo', lua: lua.addUpTo, keys: ['counter'], args: ['limit'], resend: 'never', reply: Number,
 * });
 * await connection.run(addUpTo, { counter: 'app:visits' }, { limit: 100 });
 */
export function defineScript<const Key extends string, const Argument extends string, Reply>(
  definition: ScriptDefinition<Key, Argument, Reply>,
): Script<Key, Argument, Reply> {
  return { ...definition, sha1: createHash('sha1').update(definition.lua).digest('hex') };
}
