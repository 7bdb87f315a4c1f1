import { RedisCacheError } from '../common/index.js';

/** `'not-sent'`: the command certainly did not run. `'unknown'`: it may have. */
export type CommandOutcome = 'not-sent' | 'unknown';

/** Redis cannot be reached, or the connection was lost while the command was under way. */
export class RedisUnavailableError extends RedisCacheError {
  readonly code = 'REDIS_UNAVAILABLE';

  constructor(
    readonly address: string,
    readonly outcome: CommandOutcome,
    options?: ErrorOptions,
  ) {
    const what =
      outcome === 'not-sent' ? 'cannot be reached' : 'was lost before it answered; whether the command ran is unknown';
    super(`Redis at ${address} ${what}. Check that it runs and that the connection options name it.`, options);
  }
}

/** No answer within `commandTimeout`. Whether the command ran is unknown. */
export class CommandTimeoutError extends RedisCacheError {
  readonly code = 'COMMAND_TIMEOUT';
  readonly outcome: CommandOutcome = 'unknown';

  constructor(
    readonly address: string,
    readonly timeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(
      `Redis at ${address} did not answer within ${timeoutMs} ms (commandTimeout); whether the command ran is unknown.`,
      options,
    );
  }
}

/** Redis answered with an error: out of memory, no permission, wrong type, and so on. `cause` is the client's error. */
export class RedisReplyError extends RedisCacheError {
  readonly code = 'REDIS_REPLY';

  constructor(
    readonly address: string,
    reply: string,
    options?: ErrorOptions,
  ) {
    super(`Redis at ${address} refused the command: ${reply}`, options);
  }
}

/** Fewer replicas than wanted (`minReplicas`) have confirmed a write within `commandTimeout`. The primary has carried it out. */
export class ReplicasBehindError extends RedisCacheError {
  readonly code = 'REPLICAS_BEHIND';
  readonly atLeast: number;
  readonly reached: number;

  constructor(
    readonly address: string,
    { atLeast, reached, timeoutMs }: { readonly atLeast: number; readonly reached: number; readonly timeoutMs: number },
    options?: ErrorOptions,
  ) {
    super(
      `${reached} of ${atLeast} replicas of the Redis at ${address} have confirmed a write within ${timeoutMs} ms ` +
        '(commandTimeout). Check that so many follow it, or lower minReplicas.',
      options,
    );
    this.atLeast = atLeast;
    this.reached = reached;
  }
}

/** The application was shut down, and its connections with it. */
export class ConnectionClosedError extends RedisCacheError {
  readonly code = 'CONNECTION_CLOSED';

  constructor(readonly connection: string) {
    super(`The connection "${connection}" was closed with the application. Finish work in onModuleDestroy, not later.`);
  }
}
