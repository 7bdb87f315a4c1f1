import type { Redis } from 'ioredis';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.js';
import { askServer, type ServerAnswer, type ServerLife } from './server-life.js';
import type { Topology } from './topology.js';

/** What is told to those who have to set something right before a server is used again. */
export interface Recovery {
  /** The server, as {@link Servers.addressOf} names it. */
  readonly server: string;
  /** It is not the run of the server that was known before: it may have lost what was acknowledged. */
  readonly isAnotherLife: boolean;
}

type Restore = (recovery: Recovery) => Promise<void>;

interface ServersParts {
  readonly topology: Topology;
  /** Sends within the deadline of the connection. */
  readonly within: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onAnswer: (answer: ServerAnswer, startedAt: number) => void;
  readonly startOfAnswer: () => number;
  readonly onChange: (server: string, state: BreakerState) => void;
}

interface Server {
  readonly breaker: CircuitBreaker;
  life: ServerLife | undefined;
}

const FAILURES_TO_OPEN = 5;
const PROBE_EVERY_MS = 1_000;

/**
 * The primaries behind a connection, each with its breaker and what is known of its life. A server that is new or was
 * lost is not used before it has said who it is, and before everybody has set right what has to be.
 */
export class Servers {
  private readonly byAddress = new Map<string, Server>();
  /** What ends the watch over a client. */
  private readonly watched = new Map<Redis, () => void>();
  private readonly restoring: Restore[] = [];
  private readonly stopWatching: () => void;
  private isStopped = false;

  constructor(private readonly parts: ServersParts) {
    this.stopWatching = parts.topology.onServers(() => this.follow());
  }

  /** Which server has a key, as a name. */
  addressOf(key: string): string {
    return this.parts.topology.addressOf(key);
  }

  /** Whether a call for a key may be sent. */
  areOpenTo(key: string): boolean {
    return this.serverOf(key)?.breaker.isClosed === true;
  }

  /** Whether a call for a key should not even be tried. */
  failAtOnce(key: string): boolean {
    return this.serverOf(key)?.breaker.failsAtOnce === true;
  }

  /** To be told of each call for a key. */
  observe(key: string, outcome: 'answered' | 'silent'): void {
    const breaker = this.serverOf(key)?.breaker;
    if (outcome === 'answered') breaker?.succeeded();
    else breaker?.failed();
  }

  /** What is known of the server that has a key. Another object means another life. */
  lifeOf(key: string): ServerLife | undefined {
    return this.serverOf(key)?.life;
  }

  /** `closed` when all are, `open` when any is. */
  get state(): BreakerState {
    const states = this.parts.topology.addresses().map((address) => this.byAddress.get(address)?.breaker.state);
    if (states.includes('open')) return 'open';
    return states.length > 0 && states.every((state) => state === 'closed') ? 'closed' : 'half-open';
  }

  /** Calls `restore` each time a server is about to be used again, and waits for it. */
  beforeUse(restore: Restore): void {
    this.restoring.push(restore);
  }

  /** Resolves when each server that is known has been probed. */
  async probe(): Promise<void> {
    this.follow();
    await Promise.all([...this.byAddress.values()].map(({ breaker }) => breaker.probe()));
  }

  stop(): void {
    this.isStopped = true;
    this.stopWatching();
    for (const { breaker } of this.byAddress.values()) breaker.stop();
    for (const end of this.watched.values()) end();
  }

  private serverOf(key: string): Server | undefined {
    return this.byAddress.get(this.addressOf(key));
  }

  private follow(): void {
    if (this.isStopped) return;
    const addresses = this.parts.topology.addresses();
    for (const [address, { breaker }] of this.byAddress) {
      if (addresses.includes(address)) continue;
      breaker.stop();
      this.byAddress.delete(address);
    }
    for (const address of addresses) this.watch(address);
  }

  private watch(address: string): void {
    if (!this.byAddress.has(address)) this.byAddress.set(address, this.create(address));
    const client = this.parts.topology.clientAt(address);
    if (client === undefined || this.watched.has(client)) return;
    const listeners = {
      ready: () => this.byAddress.get(address)?.breaker.connected(),
      close: () => this.byAddress.get(address)?.breaker.lost(),
      end: () => this.leave(client),
    };
    for (const [event, listener] of Object.entries(listeners)) client.on(event, listener);
    this.watched.set(client, () => {
      for (const [event, listener] of Object.entries(listeners)) client.off(event, listener);
    });
    // A node of a cluster connects with its first command.
    if (this.parts.topology.kind === 'cluster') void this.byAddress.get(address)?.breaker.probe();
  }

  private leave(client: Redis): void {
    this.watched.get(client)?.();
    this.watched.delete(client);
  }

  private create(address: string): Server {
    const breaker = new CircuitBreaker({
      failuresToOpen: FAILURES_TO_OPEN,
      probeEveryMs: PROBE_EVERY_MS,
      probe: () => this.restore(address),
      onChange: (state) => this.parts.onChange(address, state),
    });
    return { breaker, life: undefined };
  }

  private async restore(address: string): Promise<void> {
    const server = this.byAddress.get(address);
    if (server === undefined) return;
    const startedAt = this.parts.startOfAnswer();
    const answer = await this.parts.within(async () => askServer(await this.clientAt(address)));
    this.parts.onAnswer(answer, startedAt);
    const isAnotherLife = server.life === undefined || server.life.runId !== answer.life.runId;
    if (isAnotherLife) server.life = answer.life;
    await Promise.all(this.restoring.map((restore) => restore({ server: address, isAnotherLife })));
  }

  /** A node of a cluster that went away has no client until the cluster is asked for its nodes anew. */
  private async clientAt(address: string): Promise<Redis> {
    const { topology } = this.parts;
    if (topology.clientAt(address) === undefined) await topology.refresh();
    const client = topology.clientAt(address);
    // One that is not connected would keep the question until it is; a node of a cluster connects with its first command.
    const isAway = topology.kind === 'standalone' && client?.status !== 'ready';
    if (client === undefined || isAway) throw new Error(`no connection leads to ${address}`);
    return client;
  }
}
