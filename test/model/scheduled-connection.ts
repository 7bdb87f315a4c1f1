import type { Redis } from 'ioredis';
import {
  CommandTimeoutError,
  RedisClock,
  type RedisConnection,
} from '../../libs/redis-cache/src/core/connection/index.js';
import { runScript, type ScriptArgument, type ScriptClient } from '../../libs/redis-cache/src/core/scripts/index.js';
import type { LeaseReply } from '../../libs/redis-cache/src/cache/cache.scripts.js';
import type { AnyScript, LuaVariant } from './lua-variant.js';
import type { Schedule } from './schedule.js';

/** `reply`: it ran, but its answer got lost. `late`: it runs after its caller has given up. */
export type Loss = 'none' | 'reply' | 'late';

export interface Grant {
  readonly key: string;
  readonly token: string;
}

const MEMBERS_PER_SLICE = 1;
const KEYS_PER_SCAN = 2;

/** Stands for a RedisConnection: a command is carried out in one turn, and its reply arrives in another. */
export class ScheduledConnection {
  readonly clock = new RedisClock();
  readonly signals = { publishCommand: 'PUBLISH', isCoherent: true };
  readonly topology = {
    kind: 'standalone',
    ownerOf: () => this.client,
    primaries: () => [this.client],
    refresh: async () => undefined,
  };
  readonly servers = { beforeUse: () => undefined, state: 'closed' };
  readonly guarded = this;
  readonly grants: Grant[] = [];
  loss: (command: string) => Loss = () => 'none';
  onSet: (key: string) => void = () => undefined;
  private readonly client: Redis;

  constructor(
    private readonly schedule: Schedule,
    private readonly redis: Redis,
    private readonly variant: LuaVariant,
  ) {
    this.client = this.stepwise(redis);
  }

  /** For the library's code, which knows only this face of it. */
  get asConnection(): RedisConnection {
    return this as unknown as RedisConnection;
  }

  async run(script: AnyScript, keys: Record<string, string>, given: Record<string, ScriptArgument>): Promise<unknown> {
    const args = 'limit' in given ? { ...given, limit: MEMBERS_PER_SLICE } : given;
    const execute = async () => {
      const reply = await runScript(this.redis as unknown as ScriptClient, this.variant.of(script), keys, args);
      if (script.name === 'set') this.onSet(String(given.key));
      return reply;
    };
    const detail = shortened(keys.entry ?? keys.lease ?? args.from ?? args.keys ?? args.tags ?? '');
    const reply = await this.exchange(script.name, execute, { resend: script.resend, detail });
    if (script.name === 'lease' && (reply as LeaseReply).outcome === 'granted')
      this.grants.push(given as unknown as Grant);
    return reply;
  }

  send<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    return command(this.client);
  }

  serverOf(): string {
    return 'the model';
  }

  lifeOf(): undefined {
    return undefined;
  }

  fetch(key: string): Promise<Buffer | null> {
    return this.client.getBuffer(key);
  }

  private async exchange<T>(
    step: string,
    execute: () => Promise<T>,
    { resend, detail }: { resend: 'safe' | 'never'; detail: string },
  ): Promise<T> {
    const loss = this.loss(step);
    if (loss === 'late') {
      void this.schedule.turn(`${step} late`, execute, { detail });
      await this.schedule.turn(`${step} timed out`, undefined, { detail });
      throw new CommandTimeoutError('the model', 1_000);
    }
    const first = await this.schedule.turn(step, execute, { detail });
    if (loss === 'none') {
      await this.schedule.turn(`${step} reply`, undefined, { detail });
      return first;
    }
    if (resend === 'safe') return this.schedule.turn(`${step} again`, execute, { detail });
    await this.schedule.turn(`${step} timed out`, undefined, { detail });
    throw new CommandTimeoutError('the model', 1_000);
  }

  private stepwise(redis: Redis): Redis {
    const method =
      (name: string) =>
      (...given: unknown[]) => {
        const args = name.startsWith('scan') ? [...given.slice(0, -1), KEYS_PER_SCAN] : given;
        const execute = () =>
          (redis as unknown as Record<string, (...a: unknown[]) => Promise<unknown>>)[name]!(...args);
        const detail = shortened(args.map(String).join(' '));
        return this.exchange(name.replace('Buffer', ''), execute, { resend: 'safe', detail });
      };
    return new Proxy(redis, { get: (_, name) => method(String(name)) });
  }
}

function shortened(argument: ScriptArgument): string {
  return String(argument)
    .replaceAll(/^m:cache(-lease)?:ns:/g, '')
    .replaceAll(/[^ -~]+/g, ' ')
    .slice(0, 60);
}
