import { type CacheKeyInfo, type CacheService } from 'nestjs-redis-cache';
import { describeEachSubject, type Subject } from './subjects.js';

async function listed(keys: AsyncIterable<CacheKeyInfo>): Promise<CacheKeyInfo[]> {
  const found: CacheKeyInfo[] = [];
  for await (const info of keys) found.push(info);
  return found.sort((one, other) => one.key.localeCompare(other.key));
}

describeEachSubject('the contract of CacheService: operations', (begun) => {
  let subject: Subject;
  let cache: CacheService;
  let products: CacheService;

  beforeAll(() => {
    subject = begun();
    ({ cache, products } = subject);
  });

  it('adds, pulls, counts, marks as stale', async () => {
    expect([await cache.add('added', null), await cache.add('added', 2)]).toEqual([true, false]);
    expect([await cache.markStale('added'), await cache.markStale('never')]).toEqual([true, false]);
    expect([await cache.get('added'), await cache.touch('added'), await cache.pull('added')]).toEqual([
      undefined,
      false,
      undefined,
    ]);
    expect([await cache.add('added', 3), await cache.pull('added'), await cache.has('added')]).toEqual([
      true,
      3,
      false,
    ]);
    expect([await cache.increment('visits', 2, { ttl: '1m' }), await cache.increment('visits', -3)]).toEqual([2, -1]);
    expect(await cache.get('visits')).toBe(-1);
    expect(Math.ceil(((await cache.ttl('visits')) as number) / 60_000)).toBe(1);
    await cache.set('text', 'no counter');
    await expect(cache.increment('text')).rejects.toMatchObject({ code: 'REDIS_REPLY' });
  });

  it('reads and writes many at once', async () => {
    await cache.setMany([
      ['many:1', 1],
      ['many:2', null],
    ]);
    expect(await cache.getMany(['many:1', 'many:2', 'many:3'])).toEqual(
      new Map([
        ['many:1', 1],
        ['many:2', null],
      ]),
    );
    expect(await cache.deleteMany(['many:1', 'many:2', 'many:3'])).toBe(2);
  });

  it('keeps namespaces and prefixes apart', async () => {
    await cache.set('apart', 'default');
    await products.set('apart', 1);
    const eu = cache.withPrefix('eu:');
    await eu.set('apart', 'eu');
    expect([await cache.get('apart'), await products.get('apart'), await cache.get('eu:apart')]).toEqual([
      'default',
      1,
      'eu',
    ]);
    expect(await listed(eu.keys())).toMatchObject([{ key: 'apart' }]);
    expect(await eu.clear()).toEqual({ removed: 1, delivered: true });
    expect(await products.delete('apart')).toBe(true);
    expect(await cache.delete('apart')).toBe(true);
    expect(() => cache.namespace('nobody')).toThrow(/There is no cache namespace "nobody"/);
  });

  it('without an index knows keys only', async () => {
    const keyed = cache.namespace('keyed');
    await expect(keyed.set('1', 1, { tags: ['a'] })).rejects.toMatchObject({ option: 'tags' });
    await expect(keyed.invalidate('a*')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await keyed.set('1', 1);
    expect(await keyed.size()).toBe(1);
    expect(await keyed.clear()).toEqual({ removed: 1, delivered: true });
  });

  it('lists, counts and clears', async () => {
    const own = cache.namespace('listed');
    await own.set('a:1', 'x', { ttl: 'forever' });
    await own.set('a:2', 'x');
    await own.set('b', 'x');
    const found = await listed(own.keys('a:*'));
    expect(found.map(({ key, ttl }) => [key, typeof ttl])).toEqual([
      ['a:1', 'string'],
      ['a:2', 'number'],
    ]);
    expect(found.every(({ bytes }) => bytes > 26)).toBe(true);
    expect(await own.size()).toBe(3);
    expect((await cache.clearAll()).removed).toBeGreaterThanOrEqual(3);
    expect(await own.size()).toBe(0);
  });

  it('explains', async () => {
    await cache.set('known', 'value', { ttl: '1h', tags: ['a', 'b'] });
    const { ageMs, remainingMs, ...rest } = await cache.explain('known');
    expect(rest).toMatchObject({ tier: 'redis', state: 'fresh', tags: ['a', 'b'], lease: null });
    expect(ageMs).toBeGreaterThanOrEqual(0);
    expect(remainingMs).toBeLessThanOrEqual(3_600_000);
    await cache.markStale('known');
    expect(await cache.explain('known')).toMatchObject({ tier: 'none', state: 'stale', remainingMs: 0 });
    await cache.getOrSet('loading', async () => {
      expect(await cache.explain('loading')).toMatchObject({ state: 'missing', lease: { kind: 'load' } });
      return 1;
    });
  });

  it('bypasses', async () => {
    await cache.set('bypassed', 'cached');
    const seen = await cache.bypass(async () => [
      await cache.get('bypassed'),
      await cache.getOrSet('bypassed', () => 'loaded'),
    ]);
    expect([...seen, await cache.get('bypassed')]).toEqual([undefined, 'loaded', 'cached']);
  });

  it('tells hits, misses and costly patterns', async () => {
    const told: string[] = [];
    const stops = (['cache:hit', 'cache:miss', 'cache:costly-pattern'] as const).map((event) =>
      subject.events.on(event, ({ namespace }) => told.push(`${event} ${namespace}`)),
    );
    await products.set('told', 1);
    await products.get('told');
    await products.get('untold');
    await products.invalidate('*old');
    stops.forEach((stop) => stop());
    expect(told).toEqual(['cache:hit products', 'cache:miss products', 'cache:costly-pattern products']);
  });

  it('is healthy', async () => {
    expect(await cache.isHealthy()).toBe(true);
  });
});
