import { messageOf } from '../common/index.js';
import type { RawReply, Script, ScriptArgument } from './define-script.js';

/** The part of a client a script needs; `Redis` and `Cluster` of ioredis 5 and 6 have it. */
export interface ScriptClient {
  evalshaBuffer(sha1: string, numberOfKeys: number, ...rest: ScriptArgument[]): Promise<unknown>;
  evalBuffer(lua: string, numberOfKeys: number, ...rest: ScriptArgument[]): Promise<unknown>;
}

/**
 * Runs a script by its digest, and sends its text once more when the server does not know it: after a restart, a
 * failover or `SCRIPT FLUSH`.
 */
export function runScript<Key extends string, Argument extends string, Reply>(
  client: ScriptClient,
  script: Script<Key, Argument, Reply>,
  keys: Readonly<Record<Key, string | Buffer>>,
  args: Readonly<Record<Argument, ScriptArgument>>,
): Promise<Reply> {
  const count = script.keys.length;
  const rest: ScriptArgument[] = [];
  for (const key of script.keys) rest.push(keys[key]);
  for (const argument of script.args) rest.push(args[argument]);
  const read = (raw: unknown): Reply => script.reply(raw as RawReply);
  return client.evalshaBuffer(script.sha1, count, ...rest).then(read, (error: unknown) => {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    return client.evalBuffer(script.lua, count, ...rest).then(read);
  });
}
