import { hostname } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { RedisConnection } from '../core/connection/index.js';
import { KeySpace } from '../core/keys/index.js';
import { runScript, type ScriptClient } from '../core/scripts/index.js';
import { LockKeys } from './lock-keys.js';
import type { Claim, ClaimReply, Granted, Held, Listening, LockState, LockStore } from './lock-store.js';
import { LockWakeUps } from './lock-wake-ups.js';
import type { ResolvedLockOptions } from './lock.options.js';
import {
  acquireLock,
  cancelAttempt,
  extendLock,
  inspectLock,
  releaseLock,
  takeLock,
  textOfOwner,
} from './lock.scripts.js';

/** A lock that is held for longer goes the long way, on which more is kept from expiring. */
const TAKEN_FOR_LESS_THAN_MS = 86_400_000;
const MOST_WAITERS_TOLD = 1_000;
const MOST_KNOWN_TO_BE_FREE = 10_000;
/** The fields beside those who hold it while somebody waits for it: see `lua/includes/holders.lua`. */
const CALLS = ['call', 'call too'] as const;

/** Where a lock lies. */
interface FreeLock {
  readonly bucket: string;
  readonly holders: string;
  readonly epoch: string;
}

interface Asked extends Pick<Claim, 'ttlMs' | 'mode' | 'purpose'> {
  readonly text: string;
}

/** Locks in one Redis or one cluster. */
export class RedisLockStore implements LockStore {
  private readonly keys: LockKeys;
  private readonly wakeUps: LockWakeUps;
  /** By bucket. */
  private readonly epochs = new Map<string, string>();
  /** Resources that were to be had when they were last asked for: only then a request is ventured that takes or says nothing. */
  private readonly free = new LRUCache<string, FreeLock>({ max: MOST_KNOWN_TO_BE_FREE });
  private lastAsked: Asked = { ttlMs: 0, mode: 'write', purpose: '', text: '' };
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

  take(claim: Claim, onCopy: () => void): Promise<number | undefined> | undefined {
    const { resource, mode, ttlMs } = claim;
    // Readers and permits are seldom alone, and what copies may arrive of closes the short way when it is given back.
    if (mode !== 'write' || ttlMs >= TAKEN_FOR_LESS_THAN_MS || this.connection.clientSendsCopies) return undefined;
    const lock = this.free.get(resource);
    return lock && this.takeFree(lock, claim, onCopy);
  }

  async claim(claim: Claim, onCopy: () => void): Promise<ClaimReply> {
    const { resource, attempt, mode, permits, waitMs } = claim;
    const bucket = this.keys.bucketOf(resource);
    const args = {
      attempt,
      asked: this.asked(claim),
      knownEpoch: this.epochs.get(bucket) ?? '',
      terms: `${permits} ${Math.ceil(waitMs)} ${this.alwaysIn(bucket)}`,
    };
    const reply = await this.connection.run(acquireLock, this.keys.of(claim, bucket), args, { onCopy });
    if (reply.epoch !== '') this.epochs.set(bucket, reply.epoch);
    if (reply.outcome === 'granted' && mode === 'write') this.free.set(resource, this.freeLock(claim, bucket));
    return reply;
  }

  extend({ kind, resource, attempt }: Held, ttlMs: number): Promise<number | undefined> {
    return this.connection.run(extendLock, { holders: this.keys.holders(kind, resource) }, { attempt, ttlMs });
  }

  /** One command, for most have nobody who waits. Without an answer to it, and with somebody who waits, a script does the rest. */
  release(granted: Granted): Promise<'released' | 'lost'> {
    const holders = this.keys.holders(granted.kind, granted.resource);
    let isAsked = false;
    let removed: number | undefined;
    return this.connection.send(
      async (client) => {
        if (isAsked && removed === undefined) return this.handOver(client, granted);
        isAsked = true;
        removed ??= await client.hdel(holders, granted.attempt, ...CALLS);
        if (removed > 1) await this.handOver(client, granted);
        return removed % 2 === 1 ? 'released' : 'lost';
      },
      { resend: 'safe' },
    );
  }

  cancel(held: Held): Promise<'released' | 'lost'> {
    return this.connection.run(cancelAttempt, this.keysOf(held), held);
  }

  inspect(kind: Held['kind'], resource: string): Promise<LockState> {
    const keys = { holders: this.keys.holders(kind, resource), ...this.keys.queue(kind, resource) };
    return this.connection.run(inspectLock, keys, { most: MOST_WAITERS_TOLD });
  }

  listen(attempt: string): Listening | Promise<Listening> {
    return this.wakeUps.listen(attempt);
  }

  private async takeFree(lock: FreeLock, claim: Claim, onCopy: () => void): Promise<number | undefined> {
    const args = { attempt: claim.attempt, asked: this.asked(claim), knownEpoch: this.epochs.get(lock.bucket)! };
    const fencingToken = await this.connection.run(takeLock, lock, args, { onCopy });
    if (fencingToken === undefined) this.free.delete(claim.resource);
    return fencingToken;
  }

  private handOver(client: unknown, granted: Granted): Promise<'released' | 'lost'> {
    return runScript(client as ScriptClient, releaseLock, this.keysOf(granted), granted);
  }

  private freeLock({ kind, resource }: Claim, bucket: string): FreeLock {
    return { bucket, holders: this.keys.holders(kind, resource), epoch: this.keys.epochIn(bucket) };
  }

  /** Most claims of a process ask for the same. */
  private asked({ ttlMs, mode, purpose }: Claim): string {
    const last = this.lastAsked;
    if (last.ttlMs === ttlMs && last.mode === mode && last.purpose === purpose) return last.text;
    const text = `${ttlMs} ${mode} ${this.process}${purpose}`;
    this.lastAsked = { ttlMs, mode, purpose, text };
    return text;
  }

  private keysOf(held: Held) {
    return this.keys.of(held, this.keys.bucketOf(held.resource));
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
