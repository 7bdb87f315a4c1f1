import { outsideOfRequests } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { KeySpace } from '../core/keys/index.js';
import type { Listening } from './lock-store.js';
import { uniqueName } from './unique-name.js';
import { Waits } from './waits.js';

/** While messages may be missed, a waiter looks for itself after this time. */
const UNHEARD_MS = 1_000;
/** So long a waiter trusts that he will be called: those before him may have died in their turn. */
const TRUST_MS = 3_000;

/** Calls up the waiters of this process. It has a channel of its own; on a cluster one in each bucket. */
export class LockWakeUps {
  private readonly process = uniqueName();
  private readonly waits = new Waits(() => this.patienceMs);
  private opening: Promise<void> | undefined;
  private isOpen = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
  ) {}

  get publishCommand(): string {
    return this.connection.signals.publishCommand;
  }

  channelIn(bucket: string): string {
    return this.keys.headOf('lock-wake', this.process, bucket);
  }

  /** A promise only as long as this process does not listen yet; it resolves also when it cannot for now. */
  listen(attempt: string): Listening | Promise<Listening> {
    const listening = this.waits.listen(attempt);
    if (this.isOpen) return listening;
    this.opening ??= outsideOfRequests(() => this.open());
    return this.opening.then(() => listening);
  }

  private get patienceMs(): number {
    return this.connection.signals.isCoherent ? TRUST_MS : UNHEARD_MS;
  }

  private async open(): Promise<void> {
    const { signals } = this.connection;
    await this.connection.open().catch(() => undefined); // the claim itself will tell
    signals.onLost(() => this.waits.endAll());
    const channels = this.keys.buckets.map((bucket) => this.channelIn(bucket));
    await signals.subscribe(channels, (attempt) => this.waits.endOf(attempt));
    this.isOpen = true;
  }
}
