import { type CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { describeEachSubject, type Subject } from './subjects.js';

class NotFound extends Error {}

/** A load that ends when the test says so. */
function heldLoad<T>(value: T): { load: () => Promise<T>; begun: Promise<void>; end: () => void; calls: () => number } {
  let calls = 0;
  let end = (): void => undefined;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  const load = async (): Promise<T> => {
    calls += 1;
    begin();
    await ended;
    return value;
  };
  return { load, begun, end: () => end(), calls: () => calls };
}

describeEachSubject('the contract of CacheService: loads', (begun) => {
  let subject: Subject;
  let cache: CacheService;
  let products: CacheService;

  beforeAll(() => {
    subject = begun();
    ({ cache, products } = subject);
  });

  it('loads once for all who ask, and gives each a copy', async () => {
    const { load, end, calls } = heldLoad({ list: [1] });
    const asked = Array.from({ length: 50 }, () => cache.getOrSet('shared', load));
    await eventually(() => expect(calls()).toBe(1));
    end();
    const values = await Promise.all(asked);
    expect(calls()).toBe(1);
    expect(new Set(values.map(({ list }) => list)).size).toBe(50);
  });

  it('stores null and neither undefined nor what is thrown', async () => {
    let calls = 0;
    const answer = async (value: unknown): Promise<unknown> => {
      calls += 1;
      if (value instanceof Error) throw value;
      return value;
    };
    for (const _ of [1, 2]) expect(await cache.getOrSet('loaded null', () => answer(null))).toBeNull();
    expect(calls).toBe(1);
    for (const _ of [1, 2]) expect(await cache.getOrSet('loaded nothing', () => answer(undefined))).toBeUndefined();
    const outage = new Error('the database is away');
    for (const _ of [1, 2]) await expect(cache.getOrSet('thrown', () => answer(outage))).rejects.toBe(outage);
    expect(calls).toBe(5);
  });

  it('remembers the errors it is asked to', async () => {
    let calls = 0;
    const load = (): Promise<never> => Promise.reject(new NotFound(`call ${(calls += 1)}`));
    const read = (): Promise<never> => cache.getOrSet('absent', load, { cacheErrors: [NotFound] });
    await expect(read()).rejects.toThrow('call 1');
    const again = await read().catch((error: unknown) => error);
    expect(again).toBeInstanceOf(NotFound);
    expect(again).toMatchObject({ message: 'call 1' });
    expect([await cache.get('absent'), await cache.has('absent'), await cache.add('absent', 1)]).toEqual([
      undefined,
      false,
      true,
    ]);
  });

  it('lets ttl, tags and whether it is stored depend on the value', async () => {
    const options = {
      ttl: ({ size }: { size: number }) => size * 60_000,
      tagsFrom: ({ size }: { size: number }) => [`size:${size}`],
      unless: ({ size }: { size: number }) => size === 0,
    };
    for (const store of ['getOrSet', 'writeThrough'] as const) {
      await cache.delete('sized');
      await cache[store]('sized', () => ({ size: 0 }), options);
      expect(await cache.has('sized')).toBe(false);
      await cache[store]('sized', () => ({ size: 2 }), options);
      expect(Math.ceil(((await cache.ttl('sized')) as number) / 60_000)).toBe(2);
      expect(await cache.invalidate({ tags: ['size:2'] })).toMatchObject({ removed: 1 });
    }
  });

  it.each(['set', 'add', 'delete', 'pull', 'increment', 'markStale', 'tag', 'pattern', 'clear'] as const)(
    '%s voids what is being loaded',
    async (change) => {
      const key = `voided by ${change}`;
      const { load, begun, end } = heldLoad('old');
      const loaded = products.getOrSet(key, load, { tagsFrom: () => ['of the value'] });
      await begun;
      if (change === 'set' || change === 'add') await products[change](key, 'stated');
      else if (change === 'tag') await products.invalidate({ tags: ['of the value'] });
      else if (change === 'pattern') await products.invalidate('voided by *');
      else if (change === 'clear') await products.clear();
      else await products[change](key);
      end();
      expect(await loaded).toBe('old');
      expect(await products.get(key)).not.toBe('old');
    },
  );

  it('does not store what has lost its right to under that of another load', async () => {
    const [old, recent] = [heldLoad('old'), heldLoad('recent')];
    const first = cache.getOrSet('overtaken', old.load);
    await old.begun;
    await cache.delete('overtaken');
    const second = cache.getOrSet('overtaken', recent.load);
    await recent.begun;
    old.end();
    expect([await first, await cache.get('overtaken')]).toEqual(['old', undefined]);
    recent.end();
    expect([await second, await cache.get('overtaken')]).toEqual(['recent', 'recent']);
  });

  it('stores nothing that was loaded while the source settles', async () => {
    await cache.delete('settling', { settle: '1m' });
    expect(await cache.getOrSet('settling', () => 'lags behind')).toBe('lags behind');
    expect(await cache.has('settling')).toBe(false);
    await cache.invalidate({ tags: ['lagging'] }, { settle: 50 });
    subject.elapse(1_000);
    await eventually(async () => {
      await cache.getOrSet('settled', () => 'new', { tags: ['lagging'] });
      expect(await cache.get('settled')).toBe('new');
    });
  });

  it('loads anew with fresh and refresh, and wraps', async () => {
    await cache.set('renewed', 'old');
    expect(await cache.getOrSet('renewed', () => 'new', { fresh: true })).toBe('new');
    const { load, begun, end } = heldLoad('newest');
    const refreshing = cache.refresh('renewed', load);
    await begun;
    expect([await cache.get('renewed'), await cache.refresh('renewed', () => 'superfluous')]).toEqual(['new', false]);
    end();
    expect([await refreshing, await cache.get('renewed')]).toEqual([true, 'newest']);
    let calls = 0;
    const rateOf = cache.wrap((from: string) => `${from} ${(calls += 1)}`, { key: (from) => `rate:${from}` });
    expect([await rateOf('EUR'), await rateOf('EUR')]).toEqual(['EUR 1', 'EUR 1']);
  });

  it('waits with fresh for a load that is under way, and then loads', async () => {
    const { load, begun, end } = heldLoad('first');
    const first = cache.getOrSet('queued', load);
    await begun;
    const second = cache.getOrSet('queued', () => 'second', { fresh: true });
    end();
    expect([await first, await second, await cache.get('queued')]).toEqual(['first', 'second', 'second']);
  }, 5_000); // it is woken: the lease would last for longer
});
