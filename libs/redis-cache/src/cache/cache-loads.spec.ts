import { jest } from '@jest/globals';
import { createCodec } from '../core/codec/index.js';
import { EventBus } from '../core/events/index.js';
import { CacheLoads, type LoadRequest } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import type { CacheEvents } from './cache.events.js';
import type { Acquired, FillLeases } from './fill-leases.js';
import type { Patience } from './patience.js';

const TIMES = { leaseMs: 1_000, loaderTimeoutMs: 5_000, waitTimeoutMs: 3_000 };

/** Leases that are always held by somebody else: who asks gets one when his patience is over. */
function busyLeases(asked: string[] = []): FillLeases {
  const acquire = async (key: string, { patience }: { patience: Patience }): Promise<Acquired> => {
    asked.push(key);
    await new Promise((resolve) => setTimeout(resolve, patience.remainingMs));
    return { kind: 'busy' };
  };
  return { acquire } as Partial<FillLeases> as FillLeases;
}

function loadsWith(leases: FillLeases): CacheLoads {
  const reports = new CacheReports(new EventBus<CacheEvents>(), 'default');
  return new CacheLoads({
    leases,
    reports,
    codec: createCodec({ serializer: 'typed', classes: [] }),
    times: TIMES,
    admits: () => true,
  });
}

function requestFor(load: () => unknown): LoadRequest {
  return { load, tags: [], storedAs: () => ({ ttlMs: 1_000, tags: [] }) };
}

const MISSED = { absence: 'missed', readAgain: () => Promise.resolve('missed' as const) } as const;

describe('CacheLoads', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  it('waits no longer for others than waitTimeout in all, then loads', async () => {
    const load = jest.fn(() => 'value');
    const asked = loadsWith(busyLeases()).load('key', requestFor(load), MISSED);
    await jest.advanceTimersByTimeAsync(TIMES.waitTimeoutMs);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await asked).toBe('value');
  });

  it('loads once for all who are out of patience, if the load begins after they came', async () => {
    const loads = loadsWith(busyLeases());
    const hanging = loads.load(
      'key',
      requestFor(() => new Promise(() => undefined)),
      MISSED,
    );
    await jest.advanceTimersByTimeAsync(TIMES.waitTimeoutMs - 1_000);
    // These come while the first still waits; they join it, and its load then hangs.
    const load = jest.fn(
      () => new Promise<{ list: unknown[] }>((resolve) => setTimeout(() => resolve({ list: [] }), 100)),
    );
    const callers = Array.from({ length: 50 }, () => loads.load('key', requestFor(load), MISSED));
    await jest.advanceTimersByTimeAsync(TIMES.waitTimeoutMs + 100);
    const values = await Promise.all(callers);
    expect(load).toHaveBeenCalledTimes(1);
    expect(values).toEqual(Array.from({ length: 50 }, () => ({ list: [] })));
    expect(new Set(values).size).toBe(50);
    void hanging;
  });

  it('lets nobody share a load apart that began before he came', async () => {
    const loads = loadsWith(busyLeases());
    const open: (() => void)[] = [];
    let rows = 0;
    const load = (): Promise<number> => {
      const read = (rows += 1);
      return new Promise((resolve) => open.push(() => resolve(read)));
    };
    void loads.load(
      'key',
      requestFor(() => new Promise(() => undefined)),
      MISSED,
    );
    const early = loads.load('key', requestFor(load), MISSED);
    await jest.advanceTimersByTimeAsync(TIMES.waitTimeoutMs); // both are out of patience: the second loads apart
    expect(open).toHaveLength(1);
    const late = loads.load('key', requestFor(load), MISSED);
    await jest.advanceTimersByTimeAsync(TIMES.waitTimeoutMs);
    expect(open).toHaveLength(2);
    open.forEach((end) => end());
    expect(await Promise.all([early, late])).toEqual([1, 2]);
  });

  it('lets later callers start anew when a load hangs longer than the loader timeout', async () => {
    const loads = loadsWith({ acquire: async () => ({ kind: 'unreachable' }) } as Partial<FillLeases> as FillLeases);
    void loads.load(
      'key',
      requestFor(() => new Promise(() => undefined)),
      MISSED,
    );
    await jest.advanceTimersByTimeAsync(TIMES.loaderTimeoutMs + 1);
    const load = jest.fn(() => 'value');
    const asked = loads.load('key', requestFor(load), MISSED);
    await jest.advanceTimersByTimeAsync(1);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await asked).toBe('value');
  });

  it('asks for no lease after a failed read, and still loads once', async () => {
    const asked: string[] = [];
    const loads = loadsWith(busyLeases(asked));
    const load = jest.fn(async () => 'value');
    const failed = { absence: 'failed', readAgain: () => Promise.resolve('failed' as const) } as const;
    const callers = Array.from({ length: 20 }, () => loads.load('key', requestFor(load), failed));
    expect(await Promise.all(callers)).toEqual(Array.from({ length: 20 }, () => 'value'));
    expect(load).toHaveBeenCalledTimes(1);
    expect(asked).toEqual([]);
  });
});
