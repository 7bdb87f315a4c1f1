import type { Redis } from 'ioredis';
import { disconnectClient } from './client-lifecycle.js';
import { withDeadline } from './deadline.js';
import { reconnectDelayMs } from './reconnect-delay.js';

interface SignalLinkOptions {
  readonly kind: 'standalone' | 'cluster';
  readonly connectTimeoutMs: number;
  /** Subscriptions were lost: messages may have been missed. */
  readonly onLost: () => void;
  readonly onMessage: (channel: string, message: string) => void;
}

/** The signal connection to one primary. It subscribes anew whenever it is connected anew. */
export class SignalLink {
  private readonly client: Redis;
  private channels: readonly string[] = [];
  /** What the server has confirmed on this very connection. */
  private readonly confirmed = new Set<string>();
  private opening: Promise<void> | undefined;

  constructor(
    primary: Redis,
    private readonly options: SignalLinkOptions,
  ) {
    this.client = primary.duplicate({
      lazyConnect: true,
      enableAutoPipelining: false,
      autoResubscribe: false,
      enableOfflineQueue: false,
      retryStrategy: reconnectDelayMs,
      disconnectTimeout: 100,
      // ioredis 6 drops what RESP3 pushes outside of subscriptions.
      protocol: 2,
    });
    this.client.on('error', () => undefined); // told by the connection for commands; here only silence matters
    this.client.on('close', () => this.forget());
    // ioredis tells it when the server has ended a subscription by itself: the slot has gone to another primary.
    this.client.on('moved', () => this.forget());
    this.client.on('ready', () => void this.arm());
    this.client.on(options.kind === 'cluster' ? 'smessage' : 'message', options.onMessage);
  }

  /** Whether the server has confirmed every channel, and nothing has been seen to break since. */
  get isArmed(): boolean {
    return this.channels.every((channel) => this.confirmed.has(channel));
  }

  /**
   * Listens to these channels from now on. Resolves when they are confirmed or the attempt has failed; the connection
   * itself is tried again in the background.
   */
  async listenTo(channels: readonly string[]): Promise<void> {
    this.channels = channels;
    // A channel that leaves and comes back later must be confirmed anew: the server has ended its subscription.
    for (const channel of this.confirmed) if (!channels.includes(channel)) this.confirmed.delete(channel);
    this.opening ??= this.open();
    await this.opening;
    await this.arm();
  }

  close(): Promise<void> {
    return disconnectClient(this.client);
  }

  private async open(): Promise<void> {
    const { connectTimeoutMs } = this.options;
    await withDeadline(this.client.connect(), connectTimeoutMs, () => new Error('late')).catch(() => undefined);
  }

  private forget(): void {
    if (this.confirmed.size === 0) return;
    this.confirmed.clear();
    this.options.onLost();
  }

  private async arm(): Promise<void> {
    if (this.client.status !== 'ready') return;
    const missing = this.channels.filter((channel) => !this.confirmed.has(channel));
    await Promise.all(missing.map((channel) => this.subscribe(channel)));
  }

  /** One command a channel: on a cluster channels of one command would have to lie in one slot. */
  private async subscribe(channel: string): Promise<void> {
    const { client, options } = this;
    const subscription = options.kind === 'cluster' ? client.ssubscribe(channel) : client.subscribe(channel);
    const isConfirmed = await subscription.then(
      () => client.status === 'ready',
      () => false,
    );
    if (isConfirmed) this.confirmed.add(channel);
  }
}
