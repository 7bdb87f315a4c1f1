import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { RedisConnection } from '../core/connection/index.js';
import { KeySpace } from '../core/keys/index.js';
import { LockKeys } from './lock-keys.js';
import type { Claim, ClaimReply, Held, Listening, LockState, LockStore } from './lock-store.js';
import { LockWakeUps } from './lock-wake-ups.js';
import type { ResolvedLockOptions } from './lock.options.js';
import { acquireLock, extendLock, inspectLock, releaseLock } from './lock.scripts.js';

/** So long the end of an attempt is remembered: longer than any command may be under way. */
const REMEMBERED_MS = 30_000;
const MOST_WAITERS_TOLD = 1_000;

/** Locks in one Redis or one cluster. */
export class RedisLockStore implements LockStore {
  private readonly keys: LockKeys;
  private readonly wakeUps: LockWakeUps;
  /** By bucket. */
  private readonly epochs = new Map<string, string>();
  private readonly host = hostname();

  constructor(
    private readonly connection: RedisConnection,
    private readonly options: Pick<ResolvedLockOptions, 'maxTtlMs' | 'afterDataLoss'> & { readonly keyPrefix: string },
  ) {
    const layout = connection.topology.kind === 'cluster' ? 'bucketed' : 'plain';
    const keys = new KeySpace({ keyPrefix: options.keyPrefix, layout });
    this.keys = new LockKeys(keys);
    this.wakeUps = new LockWakeUps(connection, keys);
  }

  async claim(claim: Claim): Promise<ClaimReply> {
    const { kind, resource, attempt, mode, permits, ttlMs, waitMs, purpose } = claim;
    const { maxTtlMs, afterDataLoss } = this.options;
    const bucket = this.keys.bucketOf(resource);
    const { epoch, ...reply } = await this.connection.run(
      acquireLock,
      {
        holders: this.keys.holders(kind, resource),
        ...this.keys.queue(kind, resource),
        fence: this.keys.fence(kind, resource),
        epoch: this.keys.epoch(bucket),
        latch: this.keys.latch(claim),
      },
      {
        ...{ attempt, mode, permits, ttlMs, waitMs: Math.ceil(waitMs), maxTtlMs, afterDataLoss },
        publish: this.wakeUps.publishCommand,
        channel: this.wakeUps.channelIn(bucket),
        who: JSON.stringify({ host: this.host, pid: process.pid, purpose }),
        knownEpoch: this.epochs.get(bucket) ?? '',
        newEpoch: randomUUID(),
      },
    );
    if (epoch !== '') this.epochs.set(bucket, epoch);
    return reply;
  }

  extend({ kind, resource, attempt }: Held, ttlMs: number): Promise<number | undefined> {
    return this.connection.run(extendLock, { holders: this.keys.holders(kind, resource) }, { attempt, ttlMs });
  }

  release(held: Held): Promise<'released' | 'lost'> {
    const { kind, resource, attempt } = held;
    return this.connection.run(
      releaseLock,
      {
        holders: this.keys.holders(kind, resource),
        ...this.keys.queue(kind, resource),
        latch: this.keys.latch(held),
      },
      { attempt, rememberedMs: REMEMBERED_MS },
    );
  }

  inspect(kind: Held['kind'], resource: string): Promise<LockState> {
    const keys = { holders: this.keys.holders(kind, resource), ...this.keys.queue(kind, resource) };
    return this.connection.run(inspectLock, keys, { most: MOST_WAITERS_TOLD });
  }

  listen(attempt: string): Promise<Listening> {
    return this.wakeUps.listen(attempt);
  }
}
