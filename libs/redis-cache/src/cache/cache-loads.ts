import type { Codec, EncodedValue, StoredValue } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { StoreOptions } from './cache-entries.js';
import type { CacheReports } from './cache-reports.js';
import type { FillLease, LeaseTimes } from './fill-lease.js';
import type { Acquired, AcquireRequest, FillLeases } from './fill-leases.js';
import { type Landing, LoadFlight } from './load-flight.js';
import { Patience } from './patience.js';
import type { RememberedErrors } from './remembered-errors.js';

/** How a value is loaded and stored. */
export interface LoadRequest {
  readonly load: () => unknown;
  /** Tags that are known before the load. */
  readonly tags: readonly string[];
  /** How what was loaded is stored; `undefined`: not at all. */
  readonly storedAs: (value: unknown) => StoreOptions | undefined;
  /** Which errors are stored too. */
  readonly errors?: RememberedErrors;
  /** Where the value is looked for before it is loaded. @default 'nearest' */
  readonly from?: 'nearest' | 'redis';
}

/** The value of an entry. A remembered error is thrown; if the caller remembers none of its kind, there is nothing. */
export function serve(stored: StoredValue, { errors }: LoadRequest): { readonly value: unknown } | undefined {
  if (stored.isError === undefined) return stored;
  const error = errors?.revive(stored.value);
  if (error !== undefined) throw error;
  return undefined;
}

/** Why a read gave nothing: there is no fresh entry; or Redis did not answer, or its answer may not be used. */
export type Absence = 'missed' | 'failed';

export interface LoadTimes extends LeaseTimes {
  /** How long a caller waits for somebody else's load before it loads for itself. */
  readonly waitTimeoutMs: number;
}

interface LoadParts {
  readonly leases: FillLeases;
  readonly codec: Codec;
  readonly reports: CacheReports;
  readonly times: LoadTimes;
  /** Whether what lies in Redis may be read. */
  readonly admits: (key: string, stored: StoredValue) => boolean;
}

type Outcome = Exclude<Landing, { kind: 'found' }>;

interface LoadStep {
  readonly key: string;
  readonly request: LoadRequest;
  readonly lease: FillLease | undefined;
}

/** Nobody waits for more loads than this without getting a value. */
const LOADS_WAITED_FOR = 2;

/** One load per key: across callers by flights, across processes by fill leases. */
export class CacheLoads {
  private readonly flights = new Map<string, LoadFlight>();
  /** Loads of those who are out of patience: without a lease, and not stored. */
  private readonly apart = new Map<string, LoadFlight>();
  private moments = 0;

  constructor(private readonly parts: LoadParts) {}

  /** The value of a key whose entry the caller's own read did not find. @param readAgain for the caller alone */
  async load(
    key: string,
    request: LoadRequest,
    { absence, readAgain }: { absence: Absence; readAgain: () => Promise<StoredValue | Absence> },
  ): Promise<unknown> {
    const patience = this.newPatience();
    const came = (this.moments += 1);
    let latest = absence;
    while (!patience.isOver) {
      const underWay = this.flights.get(key);
      if (underWay === undefined) return this.loadFirst(key, request, { patience, absence: latest });
      const landing = await patience.orTimeUp(underWay.landing);
      if (isOutcome(landing) && (landing.stored || underWay.hasBegunAfter(came)))
        return this.outcomeForJoiner(landing, request);
      patience.spend();
      const found = await readAgain();
      const served = typeof found === 'object' ? serve(found, request) : undefined;
      if (served !== undefined) return served.value;
      latest = typeof found === 'object' ? 'missed' : found;
    }
    return this.loadApart(key, request, came);
  }

  /**
   * Loads anew, whatever there is, and replaces it, unless nothing may be stored now. Those who come before such a load
   * begins share it.
   */
  async reload(key: string, request: LoadRequest): Promise<unknown> {
    const patience = this.newPatience();
    const came = (this.moments += 1);
    while (!patience.isOver) {
      const underWay = this.flights.get(key);
      if (underWay === undefined) return this.reloadFirst(key, request, patience);
      const landing = await patience.orTimeUp(underWay.landing);
      if (isOutcome(landing) && underWay.hasBegunAfter(came)) return this.outcomeForJoiner(landing, request);
      patience.spend();
    }
    return this.loadApart(key, request, came);
  }

  /** Loads anew unless anybody, in any process, is loading it already. @returns whether a value was stored */
  async refresh(key: string, request: LoadRequest): Promise<boolean> {
    if (this.flights.has(key)) return false;
    const lease = await this.parts.leases.tryTake(key, request.tags);
    if (lease === undefined) return false;
    const landing = await this.startFlight(key, request, () => Promise.resolve({ kind: 'lease', lease }));
    if (landing.kind === 'failed') throw landing.error;
    return landing.kind === 'loaded' && landing.stored;
  }

  /**
   * Later callers start anew instead of joining what is under way: it may have begun before an eviction. To be called
   * when the eviction begins and again when it has been carried out.
   */
  detach(matches: (key: string) => boolean): void {
    for (const key of this.flights.keys()) if (matches(key)) this.flights.delete(key);
  }

  private newPatience(): Patience {
    return new Patience(this.parts.times.waitTimeoutMs, LOADS_WAITED_FOR);
  }

  private async loadFirst(
    key: string,
    request: LoadRequest,
    { patience, absence }: { patience: Patience; absence: Absence },
  ): Promise<unknown> {
    const accepts = (stored: StoredValue): boolean =>
      this.parts.admits(key, stored) &&
      (stored.isError === undefined || request.errors?.revive(stored.value) !== undefined);
    const acquire: AcquireRequest = { purpose: 'load', tags: request.tags, patience, accepts };
    const landing = await this.startFlight(key, request, () =>
      // Who has just been let down by Redis does not wait a second time for it.
      absence === 'failed' ? Promise.resolve({ kind: 'unreachable' }) : this.parts.leases.acquire(key, acquire),
    );
    return this.outcomeForStarter(landing, request);
  }

  private async reloadFirst(key: string, request: LoadRequest, patience: Patience): Promise<unknown> {
    const acquire: AcquireRequest = { purpose: 'reload', tags: request.tags, patience, accepts: () => false };
    const landing = await this.startFlight(key, request, () => this.parts.leases.acquire(key, acquire));
    return this.outcomeForStarter(landing, request);
  }

  /** One load for all who are out of patience, as far as it begins after they came. */
  private async loadApart(key: string, request: LoadRequest, came: number): Promise<unknown> {
    const underWay = this.apart.get(key);
    if (underWay?.hasBegunAfter(came)) return this.outcomeForJoiner((await underWay.landing) as Outcome, request);
    const flight = new LoadFlight((started) => this.loadUnder(undefined, key, { request, flight: started }));
    this.apart.set(key, flight);
    const end = (): void => void (this.apart.get(key) === flight && this.apart.delete(key));
    return this.outcomeForStarter(await flight.landing.finally(end), request);
  }

  private async startFlight(key: string, request: LoadRequest, acquire: () => Promise<Acquired>): Promise<Landing> {
    const flight = new LoadFlight(async (started) => {
      const acquired = await acquire();
      if (acquired.kind === 'found') return acquired;
      return this.loadUnder(acquired.kind === 'lease' ? acquired.lease : undefined, key, { request, flight: started });
    });
    this.flights.set(key, flight);
    return flight.landing.finally(() => this.close(key, flight));
  }

  /** Loads, and stores what was loaded when there is a lease for it. */
  private async loadUnder(
    lease: FillLease | undefined,
    key: string,
    { request, flight }: { request: LoadRequest; flight: LoadFlight },
  ): Promise<Landing> {
    flight.beginLoad((this.moments += 1));
    const hangs = setTimeout(() => this.close(key, flight), this.parts.times.loaderTimeoutMs).unref();
    try {
      const value = await request.load();
      return await this.store(value, { key, request, lease, flight });
    } catch (error) {
      this.close(key, flight);
      return { kind: 'failed', error, stored: await this.remember(error, { key, request, lease }) };
    } finally {
      clearTimeout(hangs);
      lease?.release();
    }
  }

  private async store(
    value: unknown,
    { key, request, lease, flight }: LoadStep & { flight: LoadFlight },
  ): Promise<Landing> {
    const storedAs = value === undefined ? undefined : request.storedAs(value);
    const encoded =
      value === undefined ? undefined : this.parts.reports.encoded(key, () => this.parts.codec.encode(value));
    this.close(key, flight);
    const isToStore = encoded !== undefined && storedAs !== undefined && lease !== undefined;
    const stored = isToStore && (await this.fill(lease, encoded, storedAs));
    return { kind: 'loaded', value, stored, ...(encoded === undefined ? {} : { encoded }) };
  }

  private async remember(error: unknown, { key, request, lease }: LoadStep): Promise<boolean> {
    const { errors, tags } = request;
    const record = lease === undefined ? undefined : errors?.recordOf(error);
    if (record === undefined) return false;
    const encoded = this.parts.reports.encoded(key, () => this.parts.codec.encodeError(record));
    return encoded !== undefined && this.fill(lease!, encoded, { ttlMs: errors!.ttlMs, tags });
  }

  private async fill(lease: FillLease, encoded: EncodedValue, options: StoreOptions): Promise<boolean> {
    try {
      return await lease.fill(encoded, options);
    } catch (error) {
      if (!isRedisCacheError(error)) throw error;
      this.parts.reports.failed('store', lease.key, error);
      return false;
    }
  }

  private close(key: string, flight: LoadFlight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }

  private outcomeForStarter(landing: Landing, request: LoadRequest): unknown {
    if (landing.kind === 'found') return serve(landing.stored, request)?.value;
    if (landing.kind === 'failed') throw landing.error;
    const { value, encoded } = landing;
    return encoded !== undefined && this.parts.codec.givesCopies ? this.parts.codec.decode(encoded) : value;
  }

  /** Nobody may hold an object that another caller could change. */
  private async outcomeForJoiner(landing: Outcome, { load }: LoadRequest): Promise<unknown> {
    if (landing.kind === 'failed') throw landing.error;
    const { value, encoded } = landing;
    if (encoded !== undefined) return this.parts.codec.decode(encoded);
    return value === undefined ? undefined : load();
  }
}

/** Whether a load has taken place; what was only found belongs to the starter of the flight. */
function isOutcome(landing: Landing | undefined): landing is Outcome {
  return landing !== undefined && landing.kind !== 'found';
}
