import type { Redis } from 'ioredis';
import { withDeadline } from './deadline.js';
import { reconnectDelayMs } from './reconnect-delay.js';

interface SignalLinkOptions {
  readonly channels: readonly string[];
  readonly kind: 'standalone' | 'cluster';
  readonly connectTimeoutMs: number;
  /** The link was lost: messages may have been missed. */
  readonly onLost: () => void;
  readonly onMessage: (channel: string, message: string) => void;
}

/** The signal connection to one primary. It subscribes anew whenever it is connected anew. */
export class SignalLink {
  private readonly client: Redis;
  private armed = false;

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
      // ioredis 6 drops what RESP3 pushes outside of subscriptions.
      protocol: 2,
    });
    this.client.on('error', () => undefined); // told by the connection for commands; here only silence matters
    this.client.on('close', () => this.disarm());
    this.client.on('ready', () => void this.arm());
    this.client.on(options.kind === 'cluster' ? 'smessage' : 'message', options.onMessage);
  }

  /** Whether the server has confirmed the subscriptions of this very connection. */
  get isArmed(): boolean {
    return this.armed;
  }

  /** Resolves when it is armed or the attempt has failed; attempts go on in the background. */
  async open(): Promise<void> {
    const { connectTimeoutMs } = this.options;
    await withDeadline(this.client.connect(), connectTimeoutMs, () => new Error('late')).catch(() => undefined);
    await this.arm();
  }

  close(): void {
    this.client.disconnect();
  }

  private disarm(): void {
    if (!this.armed) return;
    this.armed = false;
    this.options.onLost();
  }

  private async arm(): Promise<void> {
    if (this.armed || this.client.status !== 'ready') return;
    const { channels, kind } = this.options;
    // One command a channel: on a cluster channels of one command would have to lie in one slot.
    const subscriptions = channels.map((channel) =>
      kind === 'cluster' ? this.client.ssubscribe(channel) : this.client.subscribe(channel),
    );
    this.armed = await Promise.all(subscriptions).then(
      () => this.client.status === 'ready',
      () => false,
    );
  }
}
