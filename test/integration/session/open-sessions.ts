import type { INestApplicationContext } from '@nestjs/common';
import {
  type ConnectionOptions,
  RedisCacheEvents,
  type RedisCacheEventMap,
  RedisConnection,
  type SessionOptions,
  SessionService,
} from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';

export interface Shopper {
  readonly name: string;
  readonly cart: readonly string[];
  readonly since: Date;
  readonly visits: number;
}

type EventName = keyof RedisCacheEventMap & `session:${string}`;

/** The sessions of an application in a key prefix of its own. */
export class OpenSessions {
  private constructor(
    private readonly app: INestApplicationContext,
    readonly keyPrefix: string,
  ) {}

  static async on(
    connection: ConnectionOptions,
    session: SessionOptions = {},
    keyPrefix = uniquePrefix(),
  ): Promise<OpenSessions> {
    return new OpenSessions(await startApp({ connection, keyPrefix, session }), keyPrefix);
  }

  get service(): SessionService<Shopper> {
    return this.app.get<SessionService<Shopper>>(SessionService);
  }

  get connection(): RedisConnection {
    return this.app.get(RedisConnection);
  }

  collect<Name extends EventName>(name: Name): RedisCacheEventMap[Name][] {
    const collected: RedisCacheEventMap[Name][] = [];
    this.app.get(RedisCacheEvents).on(name, (event) => collected.push(event));
    return collected;
  }

  /** All keys of these sessions that Redis has. */
  async keys(): Promise<string[]> {
    const lists = this.connection.topology.primaries().map(async (primary) => {
      const found: string[] = [];
      for await (const some of primary.scanStream({ match: `${this.keyPrefix}:session:*`, count: 1_000 }))
        found.push(...(some as string[]));
      return found;
    });
    return (await Promise.all(lists)).flat();
  }

  /** Lets all that has an expiry expire sooner, without waiting for it. */
  async passTime(ms: number): Promise<void> {
    for (const key of await this.keys()) {
      const remaining = await this.connection.client.pttl(key);
      await this.connection.client.pexpire(key, Math.max(remaining - ms, 0));
    }
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
