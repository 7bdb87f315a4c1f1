import type { Script, ScriptArgument } from '../scripts/index.js';
import { RedisUnavailableError } from './connection.errors.js';
import type { RedisClock } from './redis-clock.js';
import type { ServerLife } from './server-life.js';
import type { Servers } from './servers.js';
import type { Signals } from './signals.js';

/** What is guarded. */
interface Commands {
  readonly address: string;
  readonly clock: RedisClock;
  readonly signals: Signals;
  fetch(key: string): Promise<Buffer | null>;
  run<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    keys: Readonly<Record<Key, string | Buffer>>,
    args: Readonly<Record<Argument, ScriptArgument>>,
    options: { readonly guarded: true },
  ): Promise<Reply>;
}

/** A connection for those who can do without: while the server of a key is away, calls fail at once instead of waiting. */
export class GuardedConnection {
  constructor(
    private readonly connection: Commands,
    private readonly servers: Servers,
  ) {}

  get clock(): RedisClock {
    return this.connection.clock;
  }

  get signals(): Signals {
    return this.connection.signals;
  }

  /** Which server has a key, as a name. */
  serverOf(key: string): string {
    return this.servers.addressOf(key);
  }

  /** What is known of the server that has a key. Another object means another life. */
  lifeOf(key: string): ServerLife | undefined {
    return this.servers.lifeOf(key);
  }

  fetch(key: string): Promise<Buffer | null> {
    return this.refusal(key) ?? this.connection.fetch(key);
  }

  run<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    keys: Readonly<Record<Key, string | Buffer>>,
    args: Readonly<Record<Argument, ScriptArgument>>,
  ): Promise<Reply> {
    const key = String(keys[script.keys[0]!]);
    return this.refusal(key) ?? this.connection.run(script, keys, args, { guarded: true });
  }

  private refusal(key: string): Promise<never> | undefined {
    if (!this.servers.failAtOnce(key)) return undefined;
    return Promise.reject(new RedisUnavailableError(this.connection.address, 'not-sent'));
  }
}
