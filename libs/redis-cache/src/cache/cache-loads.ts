import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Codec } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import type { CacheEntries } from './cache-entries.js';
import type { CacheEvents } from './cache.events.js';
import { FillLease, type LeaseTimes } from './fill-lease.js';
import { type Landing, LoadFlight } from './load-flight.js';
import type { NamespaceKeys } from './namespace-keys.js';
import { requireTags } from './tags.js';
import type { WakeUps } from './wake-ups.js';

/** How a value is loaded and stored. */
export interface LoadRequest {
  readonly load: () => unknown;
  readonly ttlMs: number;
  readonly tags: readonly string[];
  /** Tags that depend on the value. */
  readonly tagsFrom?: (value: never) => readonly string[];
}

export interface LoadTimes extends LeaseTimes {
  /** How long a caller waits for somebody else's load before it loads for itself. */
  readonly waitTimeoutMs: number;
}

interface LoadParts {
  readonly namespace: string;
  readonly entries: CacheEntries;
  readonly codec: Codec;
  readonly keys: NamespaceKeys;
  readonly wakeUps: WakeUps;
  readonly events: EventBus<CacheEvents>;
  readonly times: LoadTimes;
}

/** Nobody waits for more loads than this without getting a value. */
const WAITS = 2;

/** One load per key: across callers by flights, across processes by fill leases. */
export class CacheLoads {
  private readonly flights = new Map<string, LoadFlight>();

  constructor(private readonly parts: LoadParts) {}

  /** The value of a key that the caller's own read has missed. @param read reads once more, for the caller alone */
  async load(
    key: string,
    request: LoadRequest,
    read: () => Promise<{ readonly value: unknown } | undefined>,
  ): Promise<unknown> {
    const giveUpAt = performance.now() + this.parts.times.waitTimeoutMs;
    for (let waited = 0; waited < WAITS; waited += 1) {
      const underWay = this.flights.get(key);
      if (underWay === undefined) return this.startFlight(key, request, giveUpAt);
      const boarding = underWay.board();
      const landing = await this.landingBefore(giveUpAt, underWay);
      if (landing === undefined) break;
      if (landing.kind === 'loaded' && (landing.stored || boarding === 'early'))
        return this.copyForJoiner(landing, request);
      const hit = await read();
      if (hit !== undefined) return hit.value;
    }
    return request.load();
  }

  /**
   * Later callers start anew instead of joining what is under way: it may have begun before an eviction. To be called
   * when the eviction begins and again when it has been carried out.
   */
  detach(matches: (key: string) => boolean): void {
    for (const key of this.flights.keys()) if (matches(key)) this.flights.delete(key);
  }

  private async startFlight(key: string, request: LoadRequest, giveUpAt: number): Promise<unknown> {
    const flight = new LoadFlight((started) => this.fly(key, request, { flight: started, giveUpAt }));
    this.flights.set(key, flight);
    const landing = await flight.landing.finally(() => this.close(key, flight));
    if (landing.kind === 'found') return landing.stored.value;
    const { value, encoded } = landing;
    return encoded === undefined || this.parts.codec.fidelity === 'exact' ? value : this.parts.codec.decode(encoded);
  }

  /** The flight is set by the time anything is awaited: `fly` begins with a command. */
  private async fly(
    key: string,
    request: LoadRequest,
    { flight, giveUpAt }: { flight: LoadFlight; giveUpAt: number },
  ): Promise<Landing> {
    const acquired = await this.acquire(key, request, giveUpAt);
    if (acquired !== undefined && 'kind' in acquired) return acquired;
    const lease = acquired;
    const startedAt = performance.now();
    flight.beginLoad();
    let value: unknown;
    try {
      value = await request.load();
    } catch (error) {
      lease?.release();
      throw error;
    }
    const encoded = this.encode(key, value);
    this.close(key, flight);
    if (encoded === undefined || lease === undefined) {
      lease?.release();
      return { kind: 'loaded', value, stored: false, ...(encoded === undefined ? {} : { encoded }) };
    }
    const stored = await this.fill(lease, encoded, { value, request, loadMs: performance.now() - startedAt });
    return { kind: 'loaded', value, encoded, stored };
  }

  /** A lease; or an entry that came in between; or undefined: load for yourself, and store nothing. */
  private async acquire(
    key: string,
    { tags }: LoadRequest,
    giveUpAt: number,
  ): Promise<FillLease | Extract<Landing, { kind: 'found' }> | undefined> {
    const { entries, keys, wakeUps, times } = this.parts;
    const token = randomUUID();
    const { lease } = keys.of(key);
    const channel = wakeUps.channelIn(keys.bucketOf(key).name);
    let purpose: 'load' | 'reload' = 'load';
    for (let waited = 0; waited <= WAITS;) {
      const listening = wakeUps.listen(lease);
      try {
        const reply = await entries.lease(key, { token, purpose, leaseMs: times.leaseMs, channel, tags });
        if (reply.outcome === 'granted') return new FillLease(entries, key, token, times);
        if (reply.outcome === 'value') {
          const stored = this.decode(key, reply.stored);
          if (stored !== undefined) return { kind: 'found', stored };
          purpose = 'reload';
          continue;
        }
        const patienceMs = giveUpAt - performance.now();
        waited += 1;
        if (reply.kind === 'put' || waited > WAITS || patienceMs <= 0) return undefined;
        await listening.wait(Math.min(reply.remainingMs, patienceMs));
      } catch (error) {
        if (!isRedisCacheError(error)) throw error;
        entries.release(key, token).catch(() => undefined); // it may have been granted behind our back
        this.tellFailure('lease', key, error);
        return undefined;
      } finally {
        listening.end();
      }
    }
    return undefined;
  }

  private async fill(
    lease: FillLease,
    encoded: NonNullable<Extract<Landing, { kind: 'loaded' }>['encoded']>,
    { value, request, loadMs }: { value: unknown; request: LoadRequest; loadMs: number },
  ): Promise<boolean> {
    const tags = this.tagsOf(lease, request, value);
    lease.stopRenewing();
    try {
      return await this.parts.entries.fill(lease.key, lease.token, encoded, { ttlMs: request.ttlMs, tags, loadMs });
    } catch (error) {
      if (!isRedisCacheError(error)) throw error;
      lease.release();
      this.tellFailure('store', lease.key, error);
      return false;
    }
  }

  /** @throws InvalidOptionError, and whatever `tagsFrom` throws: a value with unknown tags is not stored */
  private tagsOf(lease: FillLease, { tags, tagsFrom }: LoadRequest, value: unknown): readonly string[] {
    if (tagsFrom === undefined) return tags;
    try {
      return requireTags('tagsFrom', [...tags, ...tagsFrom(value as never)]);
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  private close(key: string, flight: LoadFlight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }

  private async landingBefore(giveUpAt: number, flight: LoadFlight): Promise<Landing | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const outOfPatience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.max(0, giveUpAt - performance.now()));
    });
    return Promise.race([flight.landing, outOfPatience]).finally(() => clearTimeout(timer));
  }

  /** Nobody may hold an object that another caller could change. */
  private async copyForJoiner(
    { value, encoded }: Extract<Landing, { kind: 'loaded' }>,
    { load }: LoadRequest,
  ): Promise<unknown> {
    if (encoded !== undefined) return this.parts.codec.decode(encoded);
    return value === undefined ? undefined : load();
  }

  private encode(key: string, value: unknown): ReturnType<Codec['encode']> | undefined {
    if (value === undefined) return undefined;
    try {
      return this.parts.codec.encode(value);
    } catch (error) {
      this.parts.events.publish('cache:unsupported', { namespace: this.parts.namespace, key, error });
      return undefined;
    }
  }

  private decode(key: string, stored: Buffer): ReturnType<Codec['read']> | undefined {
    try {
      return this.parts.codec.read(stored);
    } catch (error) {
      this.parts.events.publish('cache:undecodable', { namespace: this.parts.namespace, key, error });
      return undefined;
    }
  }

  private tellFailure(operation: 'lease' | 'store', key: string, error: unknown): void {
    this.parts.events.publish('cache:failed', { namespace: this.parts.namespace, key, operation, error });
  }
}
