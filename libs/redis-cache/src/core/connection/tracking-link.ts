import type { Redis } from 'ioredis';
import { disconnectClient } from './client-lifecycle.js';
import type { Heart } from './coherence.js';
import { withDeadline } from './deadline.js';
import { reconnectDelayMs } from './reconnect-delay.js';
import { runIdOf } from './run-id.js';

interface TrackingLinkOptions {
  readonly connectTimeoutMs: number;
  readonly onArmed: (link: Heart, runId: string) => void;
  readonly onLost: (link: Heart) => void;
  /** The server does not do it. */
  readonly onRefused: (error: unknown) => void;
  /** Keys that have changed; `null`: all. */
  readonly onInvalidated: (keys: readonly Buffer[] | null) => void;
}

/** Where a server tells connections of RESP2 what has changed. */
const INVALIDATIONS = '__redis__:invalidate';

/** A refusal may end: somebody grants the permission, or a script that holds the server comes to its end. */
const RETRY_MS = 30_000;

/**
 * The connection over which one primary tells what changes under some prefixes. It redirects its own tracking to
 * itself, so that it cannot outlive it, and arms itself anew whenever it is connected anew.
 */
export class TrackingLink implements Heart {
  private readonly client: Redis;
  private opening: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private settle: () => void = () => undefined;
  /** Armed, refused, or lost on the way: the first attempt has come to an end. */
  private readonly settled = new Promise<void>((resolve) => (this.settle = resolve));

  constructor(
    primary: Redis,
    private readonly prefixes: readonly string[],
    private readonly options: TrackingLinkOptions,
  ) {
    this.client = primary.duplicate({
      lazyConnect: true,
      enableAutoPipelining: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: reconnectDelayMs,
      disconnectTimeout: 100,
      // ioredis 6 drops the invalidations of RESP3 without a word.
      protocol: 2,
    });
    this.client.on('error', () => undefined); // told by the connection for commands
    this.client.on('close', () => this.lose());
    this.client.on('ready', () => void this.arm());
    // A plain 'message' would join the keys by commas.
    this.client.on('messageBuffer', (_channel: Buffer, keys: unknown) =>
      options.onInvalidated(keys as Buffer[] | null),
    );
  }

  /** Resolves when it is armed or the first attempt has failed; further ones are made in the background. */
  open(): Promise<void> {
    this.opening ??= this.openOnce();
    return this.opening;
  }

  ping(answered: () => void): void {
    if (this.client.status === 'ready') this.client.ping().then(answered, () => undefined);
  }

  reset(): void {
    this.client.disconnect(true);
  }

  async close(): Promise<void> {
    clearTimeout(this.retry);
    await disconnectClient(this.client);
  }

  private async openOnce(): Promise<void> {
    const attempt = this.client.connect().then(() => this.settled);
    await withDeadline(attempt, this.options.connectTimeoutMs, () => new Error('late')).catch(() => undefined);
  }

  private lose(): void {
    clearTimeout(this.retry);
    this.options.onLost(this);
    this.settle();
  }

  private async arm(): Promise<void> {
    const { client } = this;
    try {
      const [runId, id] = await Promise.all([runIdOf(client), client.client('ID')]);
      const prefixes = this.prefixes.flatMap((prefix) => ['PREFIX', prefix]);
      // Once it has subscribed, a connection of RESP2 can no longer be told what to track.
      const tracking = client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', ...prefixes);
      await Promise.all([tracking, client.subscribe(INVALIDATIONS)]);
      this.options.onArmed(this, runId);
    } catch (error) {
      if (client.status === 'ready') this.tellRefused(error);
    }
    this.settle();
  }

  private tellRefused(error: unknown): void {
    this.options.onRefused(error);
    this.retry = setTimeout(() => this.reset(), RETRY_MS).unref();
  }
}
