import type { Redis } from 'ioredis';
import { groupBy } from '../common/index.js';
import { hashSlotOf } from '../keys/index.js';
import { addressOf } from './address-of.js';
import { SignalLink } from './signal-link.js';
import type { Topology } from './topology.js';

type Listener = (message: string) => void;

/** So long a subscription that failed, or whose channel belongs to nobody, is left before it is tried again. */
const RETRY_MS = 2_000;

/**
 * What servers tell without being asked: published messages, over a connection of its own to each primary. On a cluster
 * channels are sharded: a channel belongs to the primary that owns its hash slot.
 */
export class Signals {
  private readonly listeners = new Map<string, Listener>();
  private readonly lost = new Set<() => void>();
  /** By the address of the primary. */
  private readonly links = new Map<string, SignalLink>();
  private ownerless: readonly string[] = [];
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly stopWatching: () => void;

  constructor(
    private readonly topology: Topology,
    private readonly connectTimeoutMs: number,
  ) {
    this.stopWatching = topology.onChange(() => this.followTopology());
  }

  /** The command that reaches a subscriber, for scripts. */
  get publishCommand(): 'PUBLISH' | 'SPUBLISH' {
    return this.topology.kind === 'cluster' ? 'SPUBLISH' : 'PUBLISH';
  }

  /**
   * Whether all channels are subscribed, as far as can be seen from here. It is no certainty that every message arrives:
   * a connection that has died without a word looks alive until TCP gives it up, and Redis keeps no message for later.
   */
  get isCoherent(): boolean {
    if (this.listeners.size === 0 || this.ownerless.length > 0) return false;
    return [...this.links.values()].every((link) => link.isArmed);
  }

  /**
   * Subscribes channels; further calls add theirs. Resolves when they are subscribed or the attempt has failed, and at
   * once while Redis is away: attempts go on in the background, and {@link isCoherent} tells how far they have come.
   */
  async subscribe(channels: readonly string[], listener: Listener): Promise<void> {
    for (const channel of channels) this.listeners.set(channel, listener);
    const armed = this.arm();
    // Who has waited for the commands' connection in vain does not wait a second time.
    if (this.topology.client.status === 'ready') await armed;
  }

  /** Calls the listener when messages may have been missed. */
  onLost(listener: () => void): void {
    this.lost.add(listener);
  }

  /** Resolves when the connections are closed. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.stopWatching();
    const links = [...this.links.values()];
    this.links.clear();
    await Promise.all(links.map((link) => link.close()));
  }

  /** A single link connects again by itself; on a cluster channels may now belong to another primary. */
  private followTopology(): void {
    if (this.topology.kind === 'cluster') this.tellLost();
    void this.arm();
  }

  private tellLost(): void {
    for (const listener of this.lost) listener();
  }

  private async arm(): Promise<void> {
    if (this.isClosed || this.listeners.size === 0) return;
    const channelsOf = groupBy(this.listeners.keys(), (channel) => this.topology.ownerOf(hashSlotOf(channel)));
    this.ownerless = channelsOf.get(undefined) ?? [];
    const owners = [...channelsOf].filter((entry): entry is [Redis, string[]] => entry[0] !== undefined);
    this.dropLinksExcept(owners.map(([primary]) => addressOf(primary)));
    await Promise.all(owners.map(([primary, channels]) => this.linkTo(primary).listenTo(channels)));
    this.tryAgainLater();
  }

  /** Nobody tells us that a server now permits what it refused before, or that a slot has found an owner again. */
  private tryAgainLater(): void {
    clearTimeout(this.retry);
    if (this.isClosed || this.isCoherent) return;
    this.retry = setTimeout(() => void this.topology.refresh().then(() => this.arm()), RETRY_MS).unref();
  }

  private linkTo(primary: Redis): SignalLink {
    const address = addressOf(primary);
    const link = this.links.get(address) ?? this.createLink(primary);
    this.links.set(address, link);
    return link;
  }

  private createLink(primary: Redis): SignalLink {
    return new SignalLink(primary, {
      kind: this.topology.kind,
      connectTimeoutMs: this.connectTimeoutMs,
      onLost: () => {
        this.tellLost();
        this.tryAgainLater();
      },
      onMessage: (channel, message) => this.listeners.get(channel)?.(message),
    });
  }

  private dropLinksExcept(addresses: readonly string[]): void {
    for (const [address, link] of this.links) {
      if (addresses.includes(address)) continue;
      this.links.delete(address);
      void link.close();
    }
  }
}
