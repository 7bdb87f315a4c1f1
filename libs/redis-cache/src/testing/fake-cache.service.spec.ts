import { FakeCacheService } from './fake-cache.service.js';

it('a fake that is switched off keeps nothing', async () => {
  const cache = FakeCacheService.create({ enabled: false, namespaces: { products: {} } });
  await cache.namespace('products').set('1', 'tea');
  expect(await cache.namespace('products').get('1')).toBeUndefined();
  expect(() => cache.namespace('products').expectCached('1')).toThrow('expectCached');
  expect(cache.health().status).toBe('off');
});

describe('the clock of the fake', () => {
  it('stands still until it is told to go on, then in all namespaces', async () => {
    const cache = FakeCacheService.create({ namespaces: { products: { ttl: '10m' } } });
    const products = cache.namespace('products');
    await products.set('1', 'tea');
    expect(await products.ttl('1')).toBe(600_000);
    cache.advance('9m');
    expect(await products.ttl('1')).toBe(60_000);
    expect((await products.explain('1')).ageMs).toBe(540_000);
    products.withPrefix('any:').advance(59_999);
    expect(await products.get('1')).toBe('tea');
    cache.advance(1);
    expect(await products.get('1')).toBeUndefined();
  });

  it('ends counters, forever never', async () => {
    const cache = FakeCacheService.create();
    await cache.increment('visits', 1, { ttl: '1m' });
    await cache.set('kept', 1, { ttl: 'forever' });
    cache.advance('1m');
    expect([await cache.increment('visits'), await cache.get('kept')]).toEqual([1, 1]);
    cache.advance('3650d');
    expect(await cache.get('kept')).toBe(1);
  });

  it('ends the time in which a source settles', async () => {
    const cache = FakeCacheService.create();
    await cache.delete('1', { settle: '500ms' });
    cache.advance(499);
    await cache.getOrSet('1', () => 'of a replica');
    expect(await cache.has('1')).toBe(false);
    cache.advance(1);
    await cache.getOrSet('1', () => 'new');
    expect(await cache.get('1')).toBe('new');
  });

  it('refuses what is no duration', () => {
    const cache = FakeCacheService.create();
    expect(() => cache.advance('5 minutes' as never)).toThrow(/advance/);
    expect(() => cache.advance(-1)).toThrow(/advance/);
  });

  it('is one for each cache that is made', async () => {
    const [one, other] = [FakeCacheService.create(), FakeCacheService.create()];
    await other.set('a', 1);
    one.advance('1d');
    expect([await one.has('a'), await other.has('a')]).toEqual([false, true]);
  });
});

describe('expectCached', () => {
  let cache: FakeCacheService;
  beforeEach(() => (cache = FakeCacheService.create({ namespaces: { products: {} } })));

  it('is content with a value, or with this value', async () => {
    await cache.set('nothing', null);
    cache.expectCached('nothing');
    cache.expectCached('nothing', null);
    await cache.set('map', new Map([['at', new Date(0)]]));
    cache.expectCached('map', new Map([['at', new Date(0)]]));
    await cache.namespace('products').withPrefix('eu:').set('1', 'tea');
    cache.namespace('products').withPrefix('eu:').expectCached('1', 'tea');
    cache.namespace('products').expectCached('eu:1', 'tea');
  });

  it('shows another value', async () => {
    await cache.set('1', { name: 'tea' });
    expect(() => cache.expectCached('1', { name: 'coffee' })).toThrow(
      'expectCached: under "1" in the cache namespace "default" lies another value.\n' +
        "Expected: { name: 'coffee' }\nCached:   { name: 'tea' }",
    );
    expect(() => cache.expectCached('1', undefined)).not.toThrow();
    expect(() => cache.expectCached('1', new Map())).toThrow('another value');
  });

  it('says why there is nothing, and what there is', async () => {
    expect(() => cache.expectCached('1')).toThrow('it was never stored. Nothing is cached there.');
    await cache.setMany(Array.from({ length: 12 }, (_, at) => [`other:${at}`, at] as const));
    expect(() => cache.expectCached('1')).toThrow(/Cached are "other:0", .*"other:9" and 2 more\.$/);
    expect(() => cache.namespace('products').expectCached('other:1')).toThrow('namespace "products"');

    await cache.set('1', 1, { ttl: '1m' });
    cache.advance('1m');
    expect(() => cache.expectCached('1')).toThrow('it has expired, or was taken out.');
    await cache.set('1', 1);
    await cache.invalidate({ keys: ['x'], patterns: ['1*'] });
    expect(() => cache.expectCached('1')).toThrow('it was evicted by keys "x", patterns "1*".');
    await cache.set('1', 1);
    await cache.markStale('1');
    expect(() => cache.expectCached('1')).toThrow('it was marked stale.');
    await cache
      .getOrSet('2', () => Promise.reject(new TypeError()), { cacheErrors: [TypeError] })
      .catch(() => undefined);
    expect(() => cache.expectCached('2')).toThrow('a remembered error lies there.');
  });
});

describe('expectEvicted', () => {
  let cache: FakeCacheService;
  beforeEach(() => (cache = FakeCacheService.create({ namespaces: { products: {} } })));

  it.each<[string, (cache: FakeCacheService) => Promise<unknown>]>([
    ['delete', (each) => each.delete('list:1')],
    ['a pattern', (each) => each.invalidate('list:*')],
    ['a tag', (each) => each.invalidate({ tags: ['tea'] })],
    ['clear', (each) => each.clear()],
    ['clearAll', (each) => each.clearAll()],
    ['a unit of work', (each) => each.unitOfWork(() => each.delete('list:1'))],
    ['writeThrough without a value', (each) => each.writeThrough('list:1', () => undefined)],
  ])('of a key is content with %s', async (_, evict) => {
    await cache.set('list:1', 1, { tags: ['tea'] });
    expect(() => cache.expectEvicted('list:1')).toThrow(
      '"list:1" is in the cache namespace "default". Nothing was evicted there.',
    );
    await evict(cache);
    cache.expectEvicted('list:1');
    cache.expectEvicted({ patterns: ['list:*'] });
    await cache.set('list:1', 2);
    expect(() => cache.expectEvicted('list:1')).toThrow('was evicted from the cache namespace "default", and has been');
  });

  it('need not have found anything', async () => {
    await cache.delete('absent');
    cache.expectEvicted('absent');
    await cache.invalidate({ patterns: ['list:*'], tags: ['tea'] });
    cache.expectEvicted({ keys: ['list:7'], patterns: ['list:*'], tags: ['tea'] });
  });

  it('is not content with what was never evicted', async () => {
    expect(() => cache.expectEvicted('1')).toThrow(
      'no eviction in the cache namespace "default" concerned the key "1". Nothing was evicted there.',
    );
    await cache.invalidate({ keys: ['2'], tags: ['tea'] });
    await cache.clear();
    cache.expectEvicted('1');
    const products = cache.namespace('products');
    await products.invalidate({ keys: ['2'], tags: ['tea'] });
    expect(() => products.expectEvicted('1')).toThrow('Evicted, latest last: keys "2", tags "tea".');
    expect(() => products.expectEvicted({ patterns: ['1*'] })).toThrow('concerned the pattern "1*"');
    expect(() => products.expectEvicted({ tags: ['coffee'] })).toThrow('named the tag "coffee"');
    expect(() => products.expectEvicted('list:*')).toThrow("For a pattern write { patterns: ['list:*'] }.");
  });

  it('is not content with an eviction before the last store, nor with an entry that is over by itself', async () => {
    await cache.delete('1');
    await cache.set('1', 1, { ttl: '1m' });
    cache.advance('1m');
    expect(() => cache.expectEvicted('1')).toThrow('concerned the key "1"');
    await cache.set('1', 1);
    await cache.pull('1');
    expect(() => cache.expectEvicted('1')).toThrow('concerned the key "1"');
  });

  it('waits for a unit of work to settle', async () => {
    await cache.unitOfWork(async () => {
      await cache.delete('1');
      expect(() => cache.expectEvicted('1')).toThrow('concerned the key "1"');
    });
    cache.expectEvicted('1');
  });

  it('sees what is left of a pattern and of a tag', async () => {
    await cache.invalidate({ patterns: ['list:*'], tags: ['tea'] });
    await cache.set('list:1', 1, { tags: ['tea'] });
    expect(() => cache.expectEvicted({ patterns: ['list:*'] })).toThrow('"list:1", which the pattern "list:*" matches');
    expect(() => cache.expectEvicted({ tags: ['tea'] })).toThrow('"list:1", which has the tag "tea"');
  });

  it('puts the prefix before keys and patterns', async () => {
    const eu = cache.withPrefix('eu:');
    await eu.set('1', 1);
    await eu.delete('1');
    eu.expectEvicted('1');
    eu.expectEvicted({ patterns: ['*'] });
    expect(() => cache.expectEvicted('1')).toThrow('concerned the key "1"');
  });

  it('refuses what is no target', () => {
    expect(() => cache.expectEvicted({ tag: 'tea' } as never)).toThrow(/there is no such target/);
  });
});
