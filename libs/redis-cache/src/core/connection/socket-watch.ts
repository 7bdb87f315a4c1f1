import type { EventBus } from '../events/index.js';
import { withoutArguments } from './command-failure.js';
import type { ConnectionEvents } from './connection.events.js';
import type { RedisClient } from './connection.options.js';

interface SocketWatchParts {
  readonly events: EventBus<ConnectionEvents>;
  readonly connection: string;
  readonly address: string;
}

/** Tells once when a client has lost its sockets, and once when it has them again. */
export class SocketWatch {
  /** Why the client is away, as far as it said so. */
  lastError: unknown;
  private told: 'up' | 'down' | undefined;
  private isQuiet = false;
  private readonly listeners: Readonly<Record<string, (error?: unknown) => void>> = {
    error: (error) => (this.lastError = withoutArguments(error)),
    'node error': (error) => (this.lastError = withoutArguments(error)),
    ready: () => this.cameBack(),
    close: () => this.wentAway(),
  };

  constructor(
    private readonly client: RedisClient,
    private readonly parts: SocketWatchParts,
  ) {
    for (const [event, listener] of Object.entries(this.listeners)) client.on(event, listener);
  }

  /** @param error used when the client has not said why */
  wentAway(error?: unknown): void {
    if (error !== undefined) this.lastError ??= withoutArguments(error);
    if (this.told === 'down' || this.isQuiet) return;
    this.told = 'down';
    const { events, connection, address } = this.parts;
    events.publish('connection:down', { connection, address, cause: this.lastError });
  }

  /** From now on the loss of sockets is meant. */
  beQuiet(): void {
    this.isQuiet = true;
  }

  stop(): void {
    for (const [event, listener] of Object.entries(this.listeners)) this.client.off(event, listener);
  }

  private cameBack(): void {
    this.lastError = undefined;
    if (this.told === 'up') return;
    this.told = 'up';
    const { events, connection, address } = this.parts;
    events.publish('connection:up', { connection, address });
  }
}
