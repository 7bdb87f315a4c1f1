import type { Redis } from 'ioredis';
import { groupBy } from '../common/index.js';
import { hashSlotOf } from '../keys/index.js';
import { SignalLink } from './signal-link.js';
import type { Topology } from './topology.js';

type Listener = (message: string) => void;

/**
 * What servers tell without being asked: published messages, over a connection of its own to each primary. On a cluster
 * channels are sharded: a channel belongs to the primary that owns its hash slot.
 */
export class Signals {
  private readonly listeners = new Map<string, Listener>();
  private readonly lost = new Set<() => void>();
  private links: SignalLink[] = [];
  private arming: Promise<void> | undefined;
  private isClosed = false;
  private readonly stopWatching: () => void;

  constructor(
    private readonly topology: Topology,
    private readonly connectTimeoutMs: number,
  ) {
    this.stopWatching = topology.onChange(() => {
      // A single link reconnects by itself; on a cluster its channels may now belong to another primary.
      if (this.arming !== undefined && topology.kind === 'cluster') void this.rearm();
    });
  }

  /** The command that reaches a subscriber, for scripts. */
  get publishCommand(): 'PUBLISH' | 'SPUBLISH' {
    return this.topology.kind === 'cluster' ? 'SPUBLISH' : 'PUBLISH';
  }

  /** Whether every message is certain to arrive: each primary has confirmed its subscriptions and the link has held since. */
  get isCoherent(): boolean {
    return this.links.length > 0 && this.links.every((link) => link.isArmed);
  }

  /** Subscribes channels; several calls are one subscription each. Opens the connections when it is the first. */
  async subscribe(channels: readonly string[], listener: Listener): Promise<void> {
    for (const channel of channels) this.listeners.set(channel, listener);
    this.arming ??= this.arm();
    await this.arming;
  }

  /** Calls the listener when messages may have been missed. */
  onLost(listener: () => void): void {
    this.lost.add(listener);
  }

  close(): void {
    this.isClosed = true;
    this.stopWatching();
    this.disconnect();
  }

  private async rearm(): Promise<void> {
    this.disconnect();
    this.lost.forEach((listener) => listener());
    this.arming = this.arm();
    await this.arming;
  }

  private async arm(): Promise<void> {
    if (this.isClosed) return;
    this.links = [...this.channelsByPrimary()].map(
      ([primary, channels]) =>
        new SignalLink(primary, {
          channels,
          kind: this.topology.kind,
          connectTimeoutMs: this.connectTimeoutMs,
          onLost: () => this.lost.forEach((listener) => listener()),
          onMessage: (channel, message) => this.listeners.get(channel)?.(message),
        }),
    );
    await Promise.all(this.links.map((link) => link.open()));
  }

  private channelsByPrimary(): Map<Redis, string[]> {
    const owners = groupBy(this.listeners.keys(), (channel) => this.topology.ownerOf(hashSlotOf(channel)));
    return new Map(
      [...owners].flatMap(([owner, channels]) => (owner === undefined ? [] : [[owner, channels] as const])),
    );
  }

  private disconnect(): void {
    for (const link of this.links.splice(0)) link.close();
  }
}
