import { expect } from '@jest/globals';
import type { Redis } from 'ioredis';
import {
  defineScript,
  runScript,
  type Script,
  type ScriptClient,
} from '../../libs/redis-cache/src/core/scripts/index.js';
import type { LimitStore } from '../../libs/redis-cache/src/rate-limit/limit-store.js';
import { RedisLimits } from '../../libs/redis-cache/src/rate-limit/redis-limits.js';

/** Longer than any test: nothing expires by Redis's own clock. */
export const WINDOW_MS = 600_000;

const TIME = "local time = redis.call('TIME')\n  return time[1] * 1000000 + time[2]";
/**
 * Redis's own clock is not the one that is played: near the end of a window a key would expire while no time goes by. And a
 * script touches no key that it was not given, because of proxies, access rules and slots that are on the move.
 */
const PLAYED_REDIS = `local given = {}
for _, key in ipairs(KEYS) do given[key] = true end
local redis = { error_reply = redis.error_reply, call = function(...)
  local words = { ... }
  if words[1] ~= 'TIME' and not given[words[2]] then error('touches a key that is not in KEYS: ' .. words[2]) end
  for at, word in ipairs(words) do
    if word == 'PX' then words[at + 1] = ${WINDOW_MS} end
  end
  return redis.call(unpack(words))
end }`;

type Run = <Key extends string, Argument extends string, Reply>(
  script: Script<Key, Argument, Reply>,
  keys: Readonly<Record<Key, string>>,
  args: Readonly<Record<Argument, string | number | Buffer>>,
) => Promise<Reply>;

/** The library's own scripts on a real Redis, with a time (in ms) that the test plays, and keys that begin with its prefix. */
export function playedLimits(
  redis: Redis,
  { now, prefix }: { readonly now: () => number; readonly prefix: string },
): LimitStore {
  const run: Run = (script, keys, args) => {
    const lua = script.lua.replace(TIME, 'return tonumber(ARGV[#ARGV])');
    expect(lua).not.toBe(script.lua);
    const timed = defineScript({ ...script, lua: `${PLAYED_REDIS}\n${lua}`, args: [...script.args, 'now'] });
    return runScript(redis as unknown as ScriptClient, timed, keys, { ...args, now: now() * 1_000 });
  };
  return new RedisLimits({
    connection: { run, send: (command) => command(redis) },
    notesIn: () => `${prefix}:notes:`,
    onKept: (_, error) => {
      throw error;
    },
  });
}
