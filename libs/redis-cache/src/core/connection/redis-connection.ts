import type { ChainableCommander } from 'ioredis';
import { isRedisCacheError, retryAfter } from '../common/index.js';
import type { EventBus } from '../events/index.js';
import { runScript, type Script, type ScriptClient } from '../scripts/index.js';
import { mayTryAgain, tellsOfMove, toCommandFailure } from './command-failure.js';
import { CommandTimeoutError, ConnectionClosedError, RedisUnavailableError } from './connection.errors.js';
import type { ConnectionEvents } from './connection.events.js';
import type { RedisClient, ResolvedConnection } from './connection.options.js';
import { createTopology } from './create-topology.js';
import { withDeadline } from './deadline.js';
import { Deadlines } from './deadlines.js';
import { GuardedConnection } from './guarded-connection.js';
import { JoinedWrites } from './joined-writes.js';
import { ReadBatch } from './read-batch.js';
import { RedisClock } from './redis-clock.js';
import { Replicas } from './replicas.js';
import { relearnTime } from './relearn-time.js';
import { clientSendsCopies } from './resending-client.js';
import type { ServerLife } from './server-life.js';
import type { ArgumentsOf, Command, Destination, RunOptions, Sending } from './sending.js';
import { Servers } from './servers.js';
import { Signals } from './signals.js';
import { SocketWatch } from './socket-watch.js';
import type { Topology } from './topology.js';
import { Tracking } from './tracking.js';

/**
 * `idle`: nobody has used it, no socket is open. `away`: it is being (re)connected. `closed`: the application ended.
 */
export type ConnectionStatus = 'idle' | 'ready' | 'away' | 'closed';

const NOT_YET = (): boolean => false;

const NOTHING_IN_THE_WAY = (): boolean => true;

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
  /** @internal The primaries, with their breakers. */
  readonly servers: Servers;
  /** @internal For features that can do without Redis: while a server is away, calls fail at once. */
  readonly guarded: GuardedConnection;
  /** @internal Whether they have what was written. */
  readonly replicas: Replicas;
  /** @internal What changes, told by Redis. No socket of it is opened before somebody wants it. */
  readonly tracking: Tracking;

  /** @internal Whether the client, which the user brought, may send a command twice without our knowing. */
  readonly clientSendsCopies: boolean;

  private opening: Promise<void> | undefined;
  private opened = false;
  private closing: Promise<void> | undefined;
  private readonly deadlines: Deadlines;
  private readonly writes = new JoinedWrites();
  private readonly reads = new ReadBatch({
    send: (command) => this.sendTo({ key: '', guarded: true }, command, { resend: 'safe' }),
    isPassing: (error) => mayTryAgain(toCommandFailure(error, this.address), 'safe'),
    toFailure: (error) => toCommandFailure(error, this.address) as Error,
  });
  private readonly sockets: SocketWatch;

  /** @internal */
  constructor(
    private readonly options: ResolvedConnection,
    private readonly events: EventBus<ConnectionEvents>,
  ) {
    const { commandTimeoutMs } = options;
    this.deadlines = new Deadlines(commandTimeoutMs, () => new CommandTimeoutError(this.address, commandTimeoutMs));
    this.topology = createTopology(options);
    this.clientSendsCopies = clientSendsCopies(options);
    this.signals = new Signals(this.topology, options.connectTimeoutMs);
    this.servers = this.watchServers();
    this.replicas = new Replicas({ topology: this.topology, commandTimeoutMs });
    this.guarded = new GuardedConnection(this, this.servers);
    const { name: connection, address, connectTimeoutMs } = options;
    const onSlept = (): void => void relearnTime(this.clock, this.topology);
    this.tracking = new Tracking({ topology: this.topology, events, connection, address, connectTimeoutMs, onSlept });
    this.sockets = new SocketWatch(this.client, { events, connection, address });
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

  /** @internal How long a command may be under way. */
  get commandTimeoutMs(): number {
    return this.options.commandTimeoutMs;
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
  send<T>(command: (client: RedisClient) => Promise<T>, { resend }: Sending): Promise<T> {
    return this.sendWhile(NOTHING_IN_THE_WAY, command, { resend });
  }

  /** @internal The bytes of a key. On one server the reads of a tick are sent together. */
  fetch(key: string): Promise<Buffer | null> {
    if (this.topology.kind !== 'cluster') return this.reads.read(key);
    return this.sendTo({ key, guarded: true }, (client) => client.getBuffer(key), { resend: 'safe' });
  }

  /** @internal What is known of the server that has a key. */
  lifeOf(key: string): ServerLife | undefined {
    return this.servers.lifeOf(key);
  }

  /**
   * Runs a script of {@link defineScript}.
   * @example await connection.run(addUpTo, { counter: 'app:visits' }, { limit: 100 })
   */
  run<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    keys: Readonly<Record<Key, string | Buffer>>,
    args: ArgumentsOf<Argument>,
    { guarded = false, onCopy }: RunOptions = {},
  ): Promise<Reply> {
    let isCopy = this.clientSendsCopies;
    const command = (client: RedisClient) => {
      if (isCopy) onCopy?.();
      isCopy = true;
      return runScript(client as unknown as ScriptClient, script, keys, args);
    };
    return this.sendTo({ key: String(keys[script.keys[0]!]), guarded }, command, script);
  }

  /** Waits for what is under way, then closes. The module calls it when the application ends. */
  close(): Promise<void> {
    this.sockets.beQuiet();
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** Sends to the server that has a key, which learns from it whether the server answers. */
  private sendTo<T>({ key, guarded }: Destination, command: Command<T>, { resend }: Sending): Promise<T> {
    const mayGo = guarded ? (): boolean => this.servers.areOpenTo(key) : NOTHING_IN_THE_WAY;
    const sent = this.sendWhile(mayGo, command, { resend });
    sent.then(
      () => this.servers.observe(key, 'answered'),
      (error: unknown) => this.servers.observe(key, isRedisCacheError(error, 'REDIS_REPLY') ? 'answered' : 'silent'),
    );
    return sent;
  }

  private sendWhile<T>(mayGo: () => boolean, command: Command<T>, { resend }: Sending): Promise<T> {
    return this.deadlines.guard(this.attempt(command, mayGo), (failure, isOver) =>
      retryAfter(failure, () => this.attempt(command, mayGo, isOver), {
        ...this.options.retry,
        mayPass: (error) => !isOver() && this.mayPass(toCommandFailure(error, this.address), resend),
      }).catch((error: unknown) => {
        throw toCommandFailure(error, this.address);
      }),
    );
  }

  /** @param isOver whether the caller has been told that time is up: from then on nothing may be sent for it */
  private attempt<T>(command: Command<T>, mayGo: () => boolean, isOver = NOT_YET): Promise<T> {
    const isReady = this.client.status === 'ready' && this.closing === undefined && !isOver();
    return isReady && mayGo() ? this.dispatch(command) : this.attemptWhenOpen(command, mayGo, isOver);
  }

  private async attemptWhenOpen<T>(command: Command<T>, mayGo: () => boolean, isOver: () => boolean): Promise<T> {
    if (this.closing !== undefined) throw new ConnectionClosedError(this.name);
    if (!this.opened) await withDeadline(this.open(), this.options.commandTimeoutMs, () => this.unavailable());
    if (this.client.status !== 'ready' || isOver() || !mayGo()) throw this.unavailable();
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
      return this.writes.join(this.client, command);
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
      this.sockets.wentAway(error);
      if (onBoot === 'fail') await this.giveUp();
    }
    await this.servers.probe();
    this.opened = true;
  }

  private async giveUp(): Promise<never> {
    const error = this.unavailable();
    this.servers.stop();
    await this.topology.close();
    throw error;
  }

  private watchServers(): Servers {
    return new Servers({
      topology: this.topology,
      within: (work) => this.deadlines.guard(work(), (failure) => Promise.reject(failure as Error)),
      startOfAnswer: () => this.clock.start(),
      onAnswer: ({ nowMs }, startedAt) => this.clock.observe(nowMs, startedAt),
      onChange: (address, state) =>
        this.events.publish('connection:breaker', { connection: this.name, address, state }),
    });
  }

  private unavailable(): RedisUnavailableError {
    return new RedisUnavailableError(this.address, 'not-sent', { cause: this.sockets.lastError });
  }

  private async closeOnce(): Promise<void> {
    await this.deadlines.idle();
    const { commandTimeoutMs } = this.options;
    const closed = Promise.all([this.signals.close(), this.tracking.close(), this.topology.close()]);
    await withDeadline(closed, commandTimeoutMs, () => this.unavailable()).catch(() => this.client.disconnect());
    this.servers.stop();
    this.sockets.stop();
    this.replicas.close();
  }
}
