import type { INestApplicationContext } from '@nestjs/common';
import { jest } from '@jest/globals';
import { CacheService, getCacheToken, RedisCacheEvents, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { damage } from '../../support/damage.js';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

class Unregistered {
  constructor(readonly at: Date) {}
}

/** A loader that ends when the test says so, and counts. */
function gatedLoader<T>(value: () => T): { load: () => Promise<T>; calls: () => number; open: () => void } {
  let calls = 0;
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const load = async (): Promise<T> => {
    calls += 1;
    await gate;
    return value();
  };
  return { load, calls: () => calls, open: () => open() };
}

describeEachTopology('getOrSet', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;
  let events: RedisCacheEvents;

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'json', serializer: 'json' }])];
    app = await startApp({ connection, imports });
    cache = app.get(CacheService);
    events = app.get(RedisCacheEvents);
  });
  afterAll(() => app.close());

  it('loads once, then hits', async () => {
    const load = jest.fn(() => null);
    expect(await cache.getOrSet('once', load)).toBeNull();
    expect(await cache.getOrSet('once', load)).toBeNull();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('shares one load among those who ask at the same time, and gives each a copy of its own', async () => {
    const original = { list: [1] };
    const { load, calls, open } = gatedLoader(() => original);
    const asked = Array.from({ length: 100 }, () => cache.getOrSet('shared', load));
    const missed = new Promise<void>((resolve) => {
      let misses = 0;
      events.on('cache:miss', ({ key }) => key === 'shared' && ++misses === 100 && resolve());
    });
    await missed;
    open();
    const values = await Promise.all(asked);
    expect(calls()).toBe(1);
    expect(values).toEqual(Array.from({ length: 100 }, () => ({ list: [1] })));
    expect(new Set(values.map(({ list }) => list)).size).toBe(100);
  });

  it('throws what the loader throws to all, stores nothing, and loads again', async () => {
    const outage = new TypeError('the database is away');
    const failing = jest.fn(() => Promise.reject(outage));
    const outcomes = await Promise.allSettled([cache.getOrSet('fails', failing), cache.getOrSet('fails', failing)]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason)).toEqual([outage, outage]);
    expect(await cache.has('fails')).toBe(false);
    expect(await cache.getOrSet('fails', () => 'recovered')).toBe('recovered');
  });

  it('throws what a loader throws that is no async function', async () => {
    const load = (): number => {
      throw new RangeError('at once');
    };
    await expect(cache.getOrSet('throws', load)).rejects.toThrow(RangeError);
  });

  it('returns undefined and never stores it', async () => {
    const load = jest.fn(() => undefined);
    expect(await cache.getOrSet('undefined', load)).toBeUndefined();
    expect(await cache.getOrSet('undefined', load)).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('gives a value that cannot be stored to the one who loaded it; the others load for themselves', async () => {
    const told: unknown[] = [];
    events.on('cache:unsupported', ({ error }) => told.push(error));
    const { load, calls, open } = gatedLoader(() => new Unregistered(new Date(0)));
    const asked = Promise.all([1, 2, 3].map(() => cache.getOrSet('unsupported', load)));
    open();
    const values = await asked;
    expect(values.every((value) => value instanceof Unregistered)).toBe(true);
    expect(new Set(values).size).toBe(3);
    expect(calls()).toBe(3);
    expect(told[0]).toMatchObject({
      code: 'UNSUPPORTED_VALUE',
      message: expect.stringContaining('classes: [Unregistered]'),
    });
    expect(await cache.has('unsupported')).toBe(false);
  });

  it('with a lossy format gives the first caller what later ones will get', async () => {
    const json = app.get<CacheService>(getCacheToken('json'));
    const load = (): { at: unknown } => ({ at: new Date(0) });
    const first = await json.getOrSet('lossy', load);
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(await json.getOrSet('lossy', load)).toEqual(first);
  });

  it.each(['set', 'delete'] as const)('after a %s does not join a load that began before it', async (change) => {
    const key = `changed by ${change}`;
    const old = gatedLoader(() => 'old');
    const before = cache.getOrSet(key, old.load);
    while (old.calls() === 0) await new Promise(setImmediate);
    if (change === 'delete') await cache.delete(key);
    else await cache.set(key, 'stated');
    expect(await cache.getOrSet(key, () => 'new')).toBe(change === 'delete' ? 'new' : 'stated');
    old.open();
    expect(await before).toBe('old');
  });

  it('with fresh shares one load among those who come before it begins', async () => {
    await cache.set('fresh', 'old');
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      await new Promise(setImmediate);
      return 'new';
    };
    const values = await Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('fresh', load, { fresh: true })));
    expect(new Set(values)).toEqual(new Set(['new']));
    expect(loads).toBe(1);
    expect(await cache.get('fresh')).toBe('new');
  });

  it('reads bytes that are no entry as a miss, tells it, and writes over them', async () => {
    const told: string[] = [];
    events.on('cache:undecodable', ({ key }) => told.push(key));
    await cache.set('damaged', 'value');
    await damage(app.get(RedisConnection), 'damaged');
    expect(await cache.get('damaged')).toBeUndefined();
    expect(told).toEqual(['damaged']);
    expect(await cache.getOrSet('damaged', () => 'again')).toBe('again');
    expect(await cache.get('damaged')).toBe('again');
  });
});
