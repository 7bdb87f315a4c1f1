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
export async function runScript<Key extends string, Argument extends string, Reply>(
  client: ScriptClient,
  script: Script<Key, Argument, Reply>,
  keys: Readonly<Record<Key, string | Buffer>>,
  args: Readonly<Record<Argument, ScriptArgument>>,
): Promise<Reply> {
  const rest = [...script.keys.map((key) => keys[key]), ...script.args.map((argument) => args[argument])];
  const raw = await client.evalshaBuffer(script.sha1, script.keys.length, ...rest).catch((error: unknown) => {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    return client.evalBuffer(script.lua, script.keys.length, ...rest);
  });
  return script.reply(raw as RawReply);
}
