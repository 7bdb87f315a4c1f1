import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import {
  CommandTimeoutError,
  RedisClock,
  type RedisConnection,
} from '../../../libs/redis-cache/src/core/connection/index.js';
import { EventBus } from '../../../libs/redis-cache/src/core/events/index.js';
import {
  defineScript,
  runScript,
  type Script,
  type ScriptClient,
} from '../../../libs/redis-cache/src/core/scripts/index.js';
import {
  openSessionStore,
  resolveSessionOptions,
  type SessionEvents,
  SessionIds,
  type SessionOptions,
  SessionService,
} from '../../../libs/redis-cache/src/session/index.js';
import type { Schedule } from '../schedule.js';

type AnyScript = Script<string, string, unknown>;

/** A text of one of the project's scripts, and what stands in its place. */
export interface Mutation {
  readonly script: string;
  readonly text: string;
  readonly by: string;
}

/** `reply`: it ran, but its answer got lost. `late`: it runs after its caller has given up. */
export type Loss = 'none' | 'reply' | 'late';

export interface Stage {
  readonly redis: Redis | Cluster;
  readonly schedule: Schedule;
  readonly loss?: () => Loss;
  readonly mutation?: Mutation;
}

/**
 * The library's sessions on a connection where each command is carried out in one turn of a schedule, and its reply
 * arrives in another.
 */
export function scheduledSessions(stage: Stage, options: SessionOptions = {}): SessionService {
  const resolved = resolveSessionOptions('session', options);
  const ids = new SessionIds(undefined);
  const connection = new ScheduledCommands(stage) as unknown as RedisConnection;
  const store = openSessionStore(connection, { keyPrefix: `model-${randomUUID()}`, ids, options: resolved });
  return new SessionService(store, ids, resolved, new EventBus<SessionEvents>());
}

class ScheduledCommands {
  readonly clock = new RedisClock();
  readonly commandTimeoutMs = 1_000;

  constructor(private readonly stage: Stage) {}

  run(script: AnyScript, keys: Record<string, string>, args: Record<string, string>): Promise<unknown> {
    const { redis, mutation } = this.stage;
    const played = mutation?.script === script.name ? mutated(script, mutation) : script;
    const execute = () => runScript(redis as unknown as ScriptClient, played, keys, args);
    return this.exchange(script.name, script.resend, execute);
  }

  send<T>(command: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    return this.exchange('command', 'safe', () => command(this.stage.redis));
  }

  private async exchange<T>(step: string, resend: 'safe' | 'never', execute: () => Promise<T>): Promise<T> {
    const { schedule, loss = () => 'none' } = this.stage;
    const lost = loss();
    if (lost === 'late') {
      // Nobody waits for it any more, but it must not fail in its own way.
      schedule
        .turn(`${step} late`, execute)
        .catch((error: unknown) => schedule.failures.push(`late ${step}: ${String(error)}`));
      await schedule.turn(`${step} timed out`);
      throw new CommandTimeoutError('the model', 1_000);
    }
    const first = await schedule.turn(step, execute);
    if (lost === 'reply' && resend === 'safe') return schedule.turn(`${step} again`, execute);
    await schedule.turn(`${step} reply`);
    if (lost === 'reply') throw new CommandTimeoutError('the model', 1_000);
    return first;
  }
}

function mutated(script: AnyScript, { text, by }: Mutation): AnyScript {
  const found = script.lua.split(text).length - 1;
  if (found === 0) throw new Error(`${script.name} does not have the text that is to be replaced: ${text}`);
  return defineScript({ ...script, lua: script.lua.replaceAll(text, () => by) });
}
