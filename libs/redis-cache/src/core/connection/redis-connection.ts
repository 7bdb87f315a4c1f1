import type { ChainableCommander } from 'ioredis';
import { isRedisCacheError, retryAfter } from '../common/index.js';
import type { EventBus } from '../events/index.js';
import { runScript, type Script, type ScriptArgument, type ScriptClient } from '../scripts/index.js';
import { mayTryAgain, tellsOfMove, toCommandFailure, withoutArguments } from './command-failure.js';
import { CommandTimeoutError, ConnectionClosedError, RedisUnavailableError } from './connection.errors.js';
import type { ConnectionEvents } from './connection.events.js';
import type { RedisClient, ResolvedConnection } from './connection.options.js';
import { createTopology } from './create-topology.js';
import { withDeadline } from './deadline.js';
import { Deadlines } from './deadlines.js';
import { ReadBatch } from './read-batch.js';
import { RedisClock } from './redis-clock.js';
import { Signals } from './signals.js';
import type { Topology } from './topology.js';
import { Tracking } from './tracking.js';

/**
 * `idle`: nobody has used it, no socket is open. `away`: it is being (re)connected. `closed`: the application ended.
 */
export type ConnectionStatus = 'idle' | 'ready' | 'away' | 'closed';

const NOT_YET = (): boolean => false;

/**
 * One named Redis. It opens no socket before its first use; every call ends within `commandTimeout`; nothing that may
 * have run is sent twice unless that is safe.
 */
export class RedisConnection {
  /** @internal Redis's clock, as seen from here. */
  readonly clock = new RedisClock();
  readonly topology: Topology;
  /** @internal Published messages, over connections of their own. */
  readonly signals: Signals;
  /** @internal What changes, told by Redis. No socket of it is opened before somebody wants it. */
  readonly tracking: Tracking;

  private opening: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly deadlines: Deadlines;
  private readonly reads = new ReadBatch({
    send: (command) => this.send(command, { resend: 'safe' }),
    isPassing: (error) => mayTryAgain(toCommandFailure(error, this.address), 'safe'),
    toFailure: (error) => toCommandFailure(error, this.address) as Error,
  });
  private reported: 'up' | 'down' | undefined;
  private lastError: unknown;
  private readonly watching: (() => void)[] = [];

  /** @internal */
  constructor(
    private readonly options: ResolvedConnection,
    private readonly events: EventBus<ConnectionEvents>,
  ) {
    const { commandTimeoutMs } = options;
    this.deadlines = new Deadlines(commandTimeoutMs, () => new CommandTimeoutError(this.address, commandTimeoutMs));
    this.topology = createTopology(options);
    this.signals = new Signals(this.topology, options.connectTimeoutMs);
    const { name: connection, address, connectTimeoutMs } = options;
    const onSlept = (): void => this.relearnTime();
    this.tracking = new Tracking({ topology: this.topology, events, connection, address, connectTimeoutMs, onSlept });
    this.watch();
  }

  get name(): string {
    return this.options.name;
  }

  /** Host and port, or the socket's path; never a password. */
  get address(): string {
    return this.options.address;
  }

  /** The ioredis client itself (a `Redis` or a `Cluster`), for everything this library has no method for. */
  get client(): RedisClient {
    return this.topology.client;
  }

  get status(): ConnectionStatus {
    if (this.closing !== undefined) return 'closed';
    if (this.client.status === 'ready') return 'ready';
    return this.opening === undefined ? 'idle' : 'away';
  }

  /** A batch of commands of your own, sent in one round trip (on a cluster all keys must lie in slots of one node). */
  pipeline(): ChainableCommander {
    return this.client.pipeline();
  }

  /**
   * Asks every primary for a sign of life.
   * @throws RedisUnavailableError, CommandTimeoutError
   */
  async ping(): Promise<void> {
    await this.send(() => Promise.all(this.topology.primaries().map((primary) => primary.ping())), { resend: 'safe' });
  }

  /**
   * Opens the connection; further calls wait for the first. With `onBoot: 'degrade'` it resolves even when Redis is
   * away, and goes on trying in the background.
   * @throws RedisUnavailableError with `onBoot: 'fail'`
   */
  open(): Promise<void> {
    this.opening ??= this.openOnce();
    return this.opening;
  }

  /**
   * Runs commands within the deadline. `resend: 'safe'` says that they may run twice, so that they are tried again
   * after a lost connection; with `'never'` they are not, once they may have been sent.
   * @throws RedisUnavailableError, CommandTimeoutError, RedisReplyError
   */
  send<T>(command: (client: RedisClient) => Promise<T>, { resend }: { resend: 'safe' | 'never' }): Promise<T> {
    return this.deadlines.guard(this.attempt(command), (failure, isOver) =>
      retryAfter(failure, () => this.attempt(command, isOver), {
        ...this.options.retry,
        mayPass: (error) => !isOver() && this.mayPass(toCommandFailure(error, this.address), resend),
      }).catch((error: unknown) => {
        throw toCommandFailure(error, this.address);
      }),
    );
  }

  /** @internal The bytes of a key. On one server the reads of a tick are sent together. */
  fetch(key: string): Promise<Buffer | null> {
    if (this.topology.kind === 'cluster') return this.send((client) => client.getBuffer(key), { resend: 'safe' });
    return this.reads.read(key);
  }

  /**
   * Runs a script of {@link defineScript}.
   * @example await connection.run(addUpTo, { counter: 'app:visits' }, { limit: 100 })
   */
  run<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    keys: Readonly<Record<Key, string>>,
    args: Readonly<Record<Argument, ScriptArgument>>,
  ): Promise<Reply> {
    // The types of ioredis leave out the methods that answer in bytes.
    return this.send((client) => runScript(client as unknown as ScriptClient, script, keys, args), script);
  }

  /** Waits for what is under way, then closes. The module calls it when the application ends. */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** @param isOver whether the caller has been told that time is up: from then on nothing may be sent for it */
  private attempt<T>(command: (client: RedisClient) => Promise<T>, isOver = NOT_YET): Promise<T> {
    const isReady = this.client.status === 'ready' && this.closing === undefined && !isOver();
    return isReady ? this.dispatch(command) : this.attemptWhenOpen(command, isOver);
  }

  private async attemptWhenOpen<T>(command: (client: RedisClient) => Promise<T>, isOver: () => boolean): Promise<T> {
    if (this.closing !== undefined) throw new ConnectionClosedError(this.name);
    if (this.reported === undefined)
      await withDeadline(this.open(), this.options.commandTimeoutMs, () => this.unavailable());
    if (this.client.status !== 'ready' || isOver()) throw this.unavailable();
    return this.dispatch(command);
  }

  /** ioredis hands out the MOVED of a batch in which a write succeeded, and learns nothing from it. */
  private mayPass(failure: unknown, resend: 'safe' | 'never'): boolean {
    if (tellsOfMove(failure)) void this.topology.refresh();
    return mayTryAgain(failure, resend);
  }

  /** On a cluster ioredis throws, in place of a rejection, for a slot that had no owner when it last asked. */
  private dispatch<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return command(this.client);
    } catch (cause) {
      if (this.topology.kind !== 'cluster' || isRedisCacheError(cause)) throw cause;
      return Promise.reject(new RedisUnavailableError(this.address, 'not-sent', { cause }));
    }
  }

  private async openOnce(): Promise<void> {
    const { connectTimeoutMs, onBoot } = this.options;
    try {
      await withDeadline(this.topology.connect(), connectTimeoutMs, () => this.unavailable());
    } catch (error) {
      this.lastError ??= withoutArguments(error);
      this.reportDown();
      if (onBoot === 'fail') await this.giveUp();
    }
  }

  private async giveUp(): Promise<never> {
    const error = this.unavailable();
    await this.topology.close();
    throw error;
  }

  private watch(): void {
    const listeners: Record<string, (error?: unknown) => void> = {
      error: (error) => (this.lastError = withoutArguments(error)),
      'node error': (error) => (this.lastError = withoutArguments(error)),
      ready: () => this.reportUp(),
      close: () => this.reportDown(),
    };
    for (const [event, listener] of Object.entries(listeners)) {
      this.client.on(event, listener);
      this.watching.push(() => void this.client.off(event, listener));
    }
    this.watching.push(this.topology.onChange(() => void this.learnTime()));
  }

  private reportUp(): void {
    this.lastError = undefined;
    void this.learnTime();
    if (this.reported === 'up') return;
    this.reported = 'up';
    this.events.publish('connection:up', { connection: this.name, address: this.address });
  }

  private reportDown(): void {
    if (this.reported === 'down' || this.closing !== undefined) return;
    this.reported = 'down';
    this.events.publish('connection:down', { connection: this.name, address: this.address, cause: this.lastError });
  }

  private async learnTime(): Promise<void> {
    for (const primary of this.topology.primaries()) {
      const startedAt = this.clock.start();
      const time = await primary.time().catch(() => undefined);
      if (time !== undefined) this.clock.observe(Number(time[0]) * 1_000 + Number(time[1]) / 1_000, startedAt);
    }
  }

  private relearnTime(): void {
    this.clock.forget();
    void this.learnTime();
  }

  private unavailable(): RedisUnavailableError {
    return new RedisUnavailableError(this.address, 'not-sent', { cause: this.lastError });
  }

  private async closeOnce(): Promise<void> {
    await this.deadlines.idle();
    const { commandTimeoutMs } = this.options;
    const closed = Promise.all([this.signals.close(), this.tracking.close(), this.topology.close()]);
    await withDeadline(closed, commandTimeoutMs, () => this.unavailable()).catch(() => this.client.disconnect());
    for (const end of this.watching) end();
  }
}
