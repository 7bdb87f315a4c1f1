import { hostname } from 'node:os';
import {
  type CacheEntries,
  type EntryExplanation,
  type LeaseReply,
  type LeaseRequest,
  readExplanation,
  type StoreOptions,
} from '../cache/index.js';
import { type Codec, type EncodedValue, ERROR_FLAG, type StoredValue } from '../core/codec/index.js';
import { RedisReplyError } from '../core/connection/index.js';
import { assertKey } from '../core/keys/index.js';
import { envelopeBytes, withEnd } from './envelope-bytes.js';
import type { EvictionLog } from './eviction-log.js';
import type { FakeClock } from './fake-clock.js';
import type { LoadGuards } from './load-guards.js';

interface Kept {
  readonly bytes: Buffer;
  readonly endsAtMs: number;
}

interface Lease extends Pick<LeaseRequest, 'token' | 'tags'> {
  readonly kind: 'load' | 'put';
  readonly takenAtMs: number;
  readonly moment: number;
}

interface MemoryParts {
  readonly codec: Codec;
  readonly clock: FakeClock;
  readonly guards: LoadGuards;
  readonly log: EvictionLog;
  /** Wakes those who wait for the lease of a key. */
  readonly wake: (key: string) => void;
}

const HOLDER = `${hostname()}:${process.pid}`;
const [NO_END, NO_KEY] = [-1, -2];
const INTEGER = /^-?\d{1,19}$/;

/** The entries and leases of one namespace in the memory of this process: what the scripts do in Redis. */
export class MemoryEntries implements Omit<
  Pick<CacheEntries, keyof CacheEntries>,
  'evictIn' | 'evictMany' | 'remainingOf'
> {
  private readonly kept = new Map<string, Kept>();
  private readonly leases = new Map<string, Lease>();

  constructor(private readonly parts: MemoryParts) {}

  async fetch(key: string): Promise<Buffer | null> {
    return this.present(key)?.bytes ?? null;
  }

  lifeOf(): undefined {
    return undefined;
  }

  decode(stored: Buffer): StoredValue {
    return this.parts.codec.read(stored);
  }

  async lease(key: string, { token, purpose, leaseMs, tags }: LeaseRequest): Promise<LeaseReply> {
    const { clock, guards } = this.parts;
    const fresh = purpose === 'load' ? this.fresh(key) : undefined;
    if (fresh !== undefined) return { outcome: 'value', stored: fresh.bytes };
    const holder = this.leases.get(key);
    if (purpose === 'put') this.drop(key);
    else if (holder !== undefined) return { outcome: 'busy', remainingMs: leaseMs, kind: holder.kind };
    else if (guards.isSettling(key, tags, clock.now())) return { outcome: 'busy', remainingMs: 0, kind: 'settling' };
    const kind = purpose === 'put' ? 'put' : 'load';
    this.leases.set(key, { token, tags, kind, takenAtMs: clock.now(), moment: guards.moment });
    return { outcome: 'granted' };
  }

  async fill(
    key: string,
    token: string,
    encoded: EncodedValue,
    options: StoreOptions & { readonly loadMs: number },
  ): Promise<boolean> {
    const { guards } = this.parts;
    const lease = this.leases.get(key);
    if (lease?.token !== token) return false;
    const { tags } = options;
    const isRefused = guards.isSettling(key, tags, lease.takenAtMs) || guards.areOutdated(tags, lease.moment);
    this.endLease(key);
    if (!isRefused) this.store(key, encoded, options);
    return !isRefused;
  }

  async release(key: string, token: string): Promise<boolean> {
    if (this.leases.get(key)?.token !== token) return false;
    this.endLease(key);
    return true;
  }

  async renew(key: string, token: string): Promise<boolean> {
    return this.leases.get(key)?.token === token;
  }

  async set(
    key: string,
    encoded: EncodedValue,
    { when, ...options }: StoreOptions & { readonly when: 'always' | 'absent' },
  ): Promise<boolean> {
    if (when === 'absent' && this.freshValue(key) !== undefined) return false;
    this.store(key, encoded, { ...options, loadMs: 0 });
    this.endLease(key);
    return true;
  }

  async pull(key: string): Promise<Buffer | null> {
    const taken = this.freshValue(key)?.bytes ?? null;
    this.drop(key);
    return taken;
  }

  async markStale(key: string): Promise<boolean> {
    const there = this.present(key);
    this.endLease(key);
    if (there === undefined) return false;
    if (this.headerOf(there) === undefined) this.kept.delete(key);
    else this.keepUntil(key, there, { freshUntilMs: 0, expiresAtMs: there.endsAtMs });
    return true;
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    const there = this.present(key);
    const text = there?.bytes.toString('latin1') ?? '0';
    if (!INTEGER.test(text)) throw new RedisReplyError('memory', 'ERR value is not an integer or out of range');
    const count = Number(text) + by;
    this.kept.set(key, {
      bytes: Buffer.from(String(count)),
      endsAtMs: there?.endsAtMs ?? this.parts.clock.now() + ttlMs,
    });
    this.parts.log.noteStored(key);
    this.endLease(key);
    return count;
  }

  async explain(key: string): Promise<EntryExplanation> {
    const { clock, codec } = this.parts;
    const { bytes, endsAtMs } = this.present(key) ?? { bytes: Buffer.alloc(0), endsAtMs: undefined };
    const keptMs = endsAtMs === Infinity ? NO_END : endsAtMs === undefined ? NO_KEY : endsAtMs - clock.now();
    const lease = this.leases.get(key);
    const held =
      lease === undefined ? [] : [lease.kind, HOLDER, String(lease.takenAtMs)].map((text) => Buffer.from(text));
    return readExplanation([bytes, bytes.length, keptMs, clock.now(), ...held], codec);
  }

  async touch(key: string, ttlMs: number): Promise<boolean> {
    const fresh = this.fresh(key);
    if (fresh === undefined) return false;
    const ends = this.parts.clock.now() + ttlMs;
    this.keepUntil(key, fresh, { freshUntilMs: ends, expiresAtMs: ends });
    return true;
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    const fresh = this.freshValue(key);
    if (fresh === undefined) return undefined;
    return fresh.endsAtMs === Infinity ? 'forever' : fresh.endsAtMs - this.parts.clock.now();
  }

  isFresh({ envelope }: StoredValue): boolean {
    return envelope === undefined || envelope.freshUntilMs > this.parts.clock.now();
  }

  ageMsOf({ envelope }: StoredValue): number | undefined {
    return envelope && this.parts.clock.now() - envelope.createdAtMs;
  }

  /** The keys that have an entry, fresh or stale. */
  get keys(): readonly string[] {
    return [...this.kept.keys()].filter((key) => this.present(key) !== undefined);
  }

  /** An entry that has not expired. @throws InvalidKeyError */
  present(key: string): Kept | undefined {
    assertKey(key);
    const kept = this.kept.get(key);
    return kept !== undefined && kept.endsAtMs > this.parts.clock.now() ? kept : undefined;
  }

  tagsOf(key: string): readonly string[] {
    const there = this.present(key);
    return (there && this.headerOf(there)?.tags) ?? [];
  }

  /** Removes entries and ends leases. @returns the keys of the entries that there were */
  removeWhere(matches: (key: string, tags: readonly string[]) => boolean): readonly string[] {
    const removed = this.keys.filter((key) => matches(key, this.tagsOf(key)));
    const voided = [...this.leases].filter(([key, { tags }]) => matches(key, tags));
    for (const key of [...removed, ...voided.map(([key]) => key)]) this.drop(key);
    return removed;
  }

  private store(
    key: string,
    { flags, payload }: EncodedValue,
    { ttlMs, tags, loadMs }: StoreOptions & { readonly loadMs: number },
  ): void {
    assertKey(key);
    const { clock, codec, log } = this.parts;
    const endsAtMs = clock.now() + ttlMs;
    const times = { createdAtMs: clock.now(), freshUntilMs: endsAtMs, expiresAtMs: endsAtMs, loadMs };
    const bytes = codec.format === 'plain' ? payload : envelopeBytes({ flags, tags, payload, ...times });
    this.kept.set(key, { bytes, endsAtMs });
    log.noteStored(key);
  }

  private keepUntil(key: string, kept: Kept, ends: { freshUntilMs: number; expiresAtMs: number }): void {
    const bytes = this.headerOf(kept) === undefined ? kept.bytes : withEnd(kept.bytes, ends);
    this.kept.set(key, { bytes, endsAtMs: ends.expiresAtMs });
  }

  private fresh(key: string): Kept | undefined {
    const there = this.present(key);
    const header = there && this.headerOf(there);
    return header !== undefined && header.freshUntilMs <= this.parts.clock.now() ? undefined : there;
  }

  /** A remembered error is no value. */
  private freshValue(key: string): Kept | undefined {
    const fresh = this.fresh(key);
    const flags = (fresh && this.headerOf(fresh)?.flags) ?? 0;
    return (flags & ERROR_FLAG) === 0 ? fresh : undefined;
  }

  /** Counters and plain formats have none. */
  private headerOf({ bytes }: Kept) {
    const header = this.parts.codec.readHeader(bytes);
    return typeof header === 'string' ? undefined : header;
  }

  private drop(key: string): void {
    this.kept.delete(key);
    this.endLease(key);
  }

  private endLease(key: string): void {
    if (this.leases.delete(key)) this.parts.wake(key);
  }
}
