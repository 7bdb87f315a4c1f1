import { hostname } from 'node:os';
import type { RedisConnection } from '../core/connection/index.js';
import { KeySpace } from '../core/keys/index.js';
import { LockKeys } from './lock-keys.js';
import type { Claim, ClaimReply, Held, Listening, LockState, LockStore } from './lock-store.js';
import { LockWakeUps } from './lock-wake-ups.js';
import type { ResolvedLockOptions } from './lock.options.js';
import { acquireLock, extendLock, inspectLock, releaseLock, textOfOwner } from './lock.scripts.js';

/** Of the longest ttl: texts of one length are compared as numbers are. */
const TTL_DIGITS = 10;
const MOST_WAITERS_TOLD = 1_000;

/** Locks in one Redis or one cluster. */
export class RedisLockStore implements LockStore {
  private readonly keys: LockKeys;
  private readonly wakeUps: LockWakeUps;
  /** By bucket. */
  private readonly epochs = new Map<string, string>();
  /** What a claim says of this process whatever it claims, by bucket. */
  private readonly always = new Map<string, string>();
  /** Who asks, before what for. */
  private readonly process = textOfOwner({ pid: process.pid, host: hostname(), purpose: '' });

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
    const { attempt, mode, permits, ttlMs, waitMs, purpose } = claim;
    const bucket = this.keys.bucketOf(claim.resource);
    const reply = await this.connection.run(acquireLock, this.keys.of(claim, bucket), {
      attempt,
      asked: `${String(ttlMs).padStart(TTL_DIGITS, '0')} ${mode} ${this.process}${purpose}`,
      knownEpoch: this.epochs.get(bucket) ?? '',
      terms: `${permits} ${Math.ceil(waitMs)} ${this.alwaysIn(bucket)}`,
    });
    if (reply.outcome === 'granted-in-full')
      return { outcome: 'granted', fencingToken: reply.fencingToken, remainingMs: ttlMs };
    if (reply.epoch !== '') this.epochs.set(bucket, reply.epoch);
    return reply;
  }

  extend({ kind, resource, attempt }: Held, ttlMs: number): Promise<number | undefined> {
    return this.connection.run(extendLock, { holders: this.keys.holders(kind, resource) }, { attempt, ttlMs });
  }

  release(held: Held): Promise<'released' | 'lost'> {
    const keys = this.keys.of(held, this.keys.bucketOf(held.resource));
    return this.connection.run(releaseLock, keys, held);
  }

  inspect(kind: Held['kind'], resource: string): Promise<LockState> {
    const keys = { holders: this.keys.holders(kind, resource), ...this.keys.queue(kind, resource) };
    return this.connection.run(inspectLock, keys, { most: MOST_WAITERS_TOLD });
  }

  listen(attempt: string): Listening | Promise<Listening> {
    return this.wakeUps.listen(attempt);
  }

  private alwaysIn(bucket: string): string {
    const known = this.always.get(bucket);
    if (known !== undefined) return known;
    const { maxTtlMs, afterDataLoss } = this.options;
    const text = `${maxTtlMs} ${afterDataLoss} ${this.wakeUps.publishCommand} ${this.wakeUps.channelIn(bucket)}`;
    this.always.set(bucket, text);
    return text;
  }
}
