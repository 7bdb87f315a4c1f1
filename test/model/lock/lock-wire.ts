import type { Redis } from 'ioredis';
import { CommandTimeoutError, type RedisConnection } from '../../../libs/redis-cache/src/core/connection/index.js';
import {
  defineScript,
  runScript,
  type Script,
  type ScriptArgument,
  type ScriptClient,
} from '../../../libs/redis-cache/src/core/scripts/index.js';
import {
  acquireLock,
  cancelAttempt,
  extendLock,
  releaseLock,
  takeLock,
} from '../../../libs/redis-cache/src/lock/lock.scripts.js';
import type { Schedule } from '../schedule.js';
import type { LockJudge } from './lock-judge.js';

type AnyScript = Script<string, string, unknown>;

/** A text of one of the project's scripts, and what stands in its place. */
export interface Mutation {
  readonly script: 'lock-take' | 'lock-acquire' | 'lock-release' | 'lock-cancel';
  readonly text: string;
  readonly by: string;
}

/** `request`, `reply`: it gets lost on the way. `late`: the request arrives when nobody waits for its reply any more. */
export type Fate = 'arrives' | 'request' | 'reply' | 'late';

/** The time by Redis and by everybody else. */
export class ModelTime {
  us = Date.now() * 1_000;

  get ms(): number {
    return Math.floor(this.us / 1_000);
  }

  advance(ms: number): void {
    this.us += ms * 1_000;
  }
}

export interface LockStage {
  readonly redis: Redis;
  readonly schedule: Schedule;
  readonly time: ModelTime;
  readonly judge: LockJudge;
  readonly fate: () => Fate;
  readonly scripts: ReadonlyMap<string, AnyScript>;
}

const SCRIPTS = [takeLock, acquireLock, releaseLock, cancelAttempt, extendLock] as unknown as readonly AnyScript[];
const TIMES_SENT = 3;
/** No request arrives later than this: see `lua/cancel.lua`. */
export const UNDER_WAY_MS = 30_000;

/** The scripts as they are played, by the digest under which the library sends them. */
export function playedScripts(mutation?: Mutation): ReadonlyMap<string, AnyScript> {
  return new Map(SCRIPTS.map((script) => [script.sha1, played(script, mutation)]));
}

function played(script: AnyScript, mutation: Mutation | undefined): AnyScript {
  let { lua } = script;
  if (mutation?.script === script.name) {
    if (!lua.includes(mutation.text)) throw new Error(`${script.name} does not have the text: ${mutation.text}`);
    lua = lua.replace(mutation.text, () => mutation.by);
  }
  return defineScript({
    ...script,
    lua: lua
      .replaceAll("redis.call('TIME')", "redis.call('LRANGE', 'time', 0, 1)")
      .replace('redis.pcall(waiter.publish, waiter.channel, attempt)', "redis.call('SADD', 'called', attempt)"),
  });
}

class LostOnTheWay extends Error {}

/** Stands for a RedisConnection: a command is carried out in one turn, and its reply arrives in another. */
export class LockWire {
  readonly topology = { kind: 'standalone' };
  readonly signals = { publishCommand: 'PUBLISH' };
  private readonly client = {
    hdel: (key: string, ...fields: string[]) =>
      this.exchange('HDEL', fields[0]!, () => this.stage.redis.hdel(key, ...fields)),
    evalshaBuffer: (sha1: string, count: number, ...rest: ScriptArgument[]) => {
      const script = this.stage.scripts.get(sha1)!;
      const client = this.stage.redis as unknown as ScriptClient;
      const execute = () => client.evalBuffer(script.lua, count, ...rest);
      return this.exchange(script.name, String(rest[count]), execute);
    },
  };

  constructor(private readonly stage: LockStage) {}

  get asConnection(): RedisConnection {
    return this as unknown as RedisConnection;
  }

  run(
    script: AnyScript,
    keys: Record<string, string>,
    args: Record<string, ScriptArgument>,
    { onCopy }: { readonly onCopy?: () => void } = {},
  ): Promise<unknown> {
    let isCopy = false;
    return this.send(() => {
      if (isCopy) onCopy?.();
      isCopy = true;
      return runScript(this.client as unknown as ScriptClient, script, keys, args);
    });
  }

  async send<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    for (let times = 0; times < TIMES_SENT; times += 1)
      try {
        return await command(this.client as unknown as Redis);
      } catch (error) {
        if (!(error instanceof LostOnTheWay)) throw error;
      }
    throw new CommandTimeoutError('the model', 1_000);
  }

  private async exchange<T>(step: string, attempt: string, command: () => Promise<T>): Promise<T> {
    const { schedule, judge, time } = this.stage;
    const options = { detail: attempt };
    const execute = () => judge.watch(attempt, command);
    const fate = this.stage.fate();
    if (fate === 'late') {
      const sentAt = time.ms;
      const isPossible = (): boolean => time.ms < sentAt + UNDER_WAY_MS;
      void schedule.turn(`${step} late`, execute, { ...options, isPossible });
    }
    if (fate === 'late' || fate === 'request') {
      await schedule.turn(`${step} lost`, undefined, options);
      throw new LostOnTheWay(step);
    }
    const value = await schedule.turn(step, execute, options);
    if (fate === 'reply') throw new LostOnTheWay(step);
    await schedule.turn(`${step} reply`, undefined, options);
    return value;
  }
}
