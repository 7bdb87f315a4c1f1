import type { OnApplicationShutdown } from '@nestjs/common';
import { InvalidOptionError } from '../common/index.js';
import type { RedisConnection } from './redis-connection.js';

/** The connections of one application, by name. It closes them all: also those that nobody can inject. */
export class RedisConnections implements OnApplicationShutdown {
  private readonly byName: ReadonlyMap<string, RedisConnection>;

  constructor(connections: readonly RedisConnection[]) {
    this.byName = new Map(connections.map((connection) => [connection.name, connection]));
  }

  /** @throws InvalidOptionError naming the option that asked for it */
  get(name: string, option: string): RedisConnection {
    const connection = this.byName.get(name);
    if (connection !== undefined) return connection;
    const known = [...this.byName.keys()].map((key) => `"${key}"`).join(', ');
    throw new InvalidOptionError(option, `there is no connection "${name}". Known: ${known}.`);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.byName.values()].map((connection) => connection.close()));
  }
}
