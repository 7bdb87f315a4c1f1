import type { Redis } from 'ioredis';
import type { EventBus } from '../events/index.js';
import { addressOf } from './address-of.js';
import { Coherence, HEARTBEAT_MS, type VoidReason } from './coherence.js';
import { CommandsWatch } from './commands-watch.js';
import type { ConnectionEvents } from './connection.events.js';
import { TrackingLink } from './tracking-link.js';
import type { Topology } from './topology.js';

/** Hears what changes under one prefix. */
export interface ChangeListener {
  /** @param key with the prefix */
  changed(key: string): void;
  /** Anything may have changed: the server was flushed. */
  flushed(): void;
  /** Changes may have been missed. */
  voided(): void;
  /** From now on none is missed. */
  armed(): void;
}

interface TrackingParts {
  readonly topology: Topology;
  readonly events: EventBus<ConnectionEvents>;
  readonly connection: string;
  readonly address: string;
  readonly connectTimeoutMs: number;
  /** The monotonic clock, and what was learnt by it, has stood still. */
  readonly onSlept: () => void;
}

const ELSEWHERE =
  'Its connections lead to different servers (another run_id each time), as through a proxy before several of them.';

/** How often the owners of the slots are asked for: who is answered from memory alone would never hear of a failover. */
const BEATS_PER_REFRESH = 3;

/**
 * Changes of keys, told by Redis: over a connection of its own to each primary, opened when somebody first wants it.
 * {@link coherence} says whether they can be relied upon.
 */
export class Tracking {
  readonly coherence: Coherence;
  private readonly listeners = new Map<string, ChangeListener | undefined>();
  private links = new Map<string, TrackingLink>();
  private readonly commands: CommandsWatch;
  private heartbeat: NodeJS.Timeout | undefined;
  private stopWatching: () => void = () => undefined;
  private opening: Promise<void> | undefined;
  private beats = 0;
  private wasRefused = false;
  private isClosed = false;

  constructor(private readonly parts: TrackingParts) {
    this.coherence = new Coherence({
      clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
      onVoid: (reason) => this.void(reason),
      onArmed: () => this.tellArmed(),
      onSlept: parts.onSlept,
      onElsewhere: () => this.tellRefused(new Error(ELSEWHERE)),
    });
    this.commands = new CommandsWatch((name, runId) => this.coherence.commandsReach(name, runId));
  }

  /**
   * Says that changes under a prefix will be of interest. One that comes when all is armed has everything armed anew, so
   * it is better to know all of them before {@link open}. No prefix may begin with another.
   */
  expect(prefix: string): void {
    if (this.listeners.has(prefix)) return;
    this.listeners.set(prefix, undefined);
    if (this.opening !== undefined) this.link('namespace-added');
  }

  listen(prefix: string, listener: ChangeListener): void {
    this.expect(prefix);
    this.listeners.set(prefix, listener);
  }

  /** Resolves when all primaries tell their changes, or the attempt has failed; it goes on in the background. */
  open(): Promise<void> {
    this.opening ??= this.openOnce();
    return this.opening;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    this.stopWatching();
    this.commands.close();
    this.coherence.expect([], 'closed');
    await Promise.all([...this.links.values()].map((link) => link.close()));
  }

  private async openOnce(): Promise<void> {
    if (this.isClosed) return;
    this.stopWatching = this.parts.topology.onChange(() => this.followTopology());
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS).unref();
    this.link('topology-changed');
    // Who has waited for the commands' connection in vain does not wait a second time.
    if (this.parts.topology.client.status === 'ready')
      await Promise.all([...this.links.values()].map((link) => link.open()));
  }

  /** A single server's connections come back by themselves. */
  private followTopology(): void {
    if (this.parts.topology.kind === 'cluster') this.link('topology-changed');
  }

  /** Begins anew, with a connection to each primary there is. */
  private link(reason: VoidReason): void {
    if (this.isClosed) return;
    const primaries = new Map(this.parts.topology.primaries().map((primary) => [addressOf(primary), primary]));
    this.coherence.expect(primaries.keys(), reason);
    for (const link of this.links.values()) void link.close();
    this.links = new Map([...primaries].map(([name, primary]) => [name, this.createLink(name, primary)]));
    this.commands.follow(primaries);
    for (const link of this.links.values()) void link.open();
  }

  private createLink(name: string, primary: Redis): TrackingLink {
    return new TrackingLink(primary, [...this.listeners.keys()], {
      connectTimeoutMs: this.parts.connectTimeoutMs,
      onArmed: (link, runId) => this.coherence.arm(name, link, runId),
      onLost: (link) => this.coherence.lose(name, link),
      onRefused: (error) => this.tellRefused(error),
      onInvalidated: (keys) => this.tellChanged(keys),
    });
  }

  private beat(): void {
    this.coherence.beat();
    this.commands.askUnknown();
    this.beats += 1;
    if (this.beats % BEATS_PER_REFRESH === 0) void this.parts.topology.refresh();
  }

  private tellChanged(keys: readonly Buffer[] | null): void {
    if (keys === null) {
      for (const listener of this.listeners.values()) listener?.flushed();
      return;
    }
    for (const key of keys.map(String)) this.listenerTo(key)?.changed(key);
  }

  private listenerTo(key: string): ChangeListener | undefined {
    for (const [prefix, listener] of this.listeners) if (key.startsWith(prefix)) return listener;
    return undefined;
  }

  private void(reason: VoidReason): void {
    for (const listener of this.listeners.values()) listener?.voided();
    const { events, connection, address } = this.parts;
    if (reason !== 'closed') events.publish('connection:tracking-voided', { connection, address, reason });
  }

  private tellArmed(): void {
    this.wasRefused = false;
    for (const listener of this.listeners.values()) listener?.armed();
    const { events, connection, address } = this.parts;
    events.publish('connection:tracking-armed', { connection, address, prefixes: [...this.listeners.keys()] });
  }

  private tellRefused(cause: unknown): void {
    if (this.wasRefused || this.isClosed) return;
    this.wasRefused = true;
    const { events, connection, address } = this.parts;
    events.publish('connection:tracking-refused', { connection, address, cause });
  }
}
