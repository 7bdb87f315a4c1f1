import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheModule } from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

describeEachTopology('namespaces', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    const imports = [
      RedisCacheModule.forFeature([{ namespace: 'products' }]),
      RedisCacheModule.forFeature([{ namespace: 'products' }]),
    ];
    app = await startApp({ connection, imports, cache: { namespaces: { reviews: { ttl: '1h' } } } });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  it('keep their keys apart', async () => {
    const products = cache.namespace('products');
    await Promise.all([cache.set('1', 'default'), products.set('1', 'product'), cache.set('products:1', 'other')]);
    expect([await cache.get('1'), await products.get('1')]).toEqual(['default', 'product']);
    await products.delete('1');
    expect(await cache.get('1')).toBe('default');
    expect(await cache.get('products:1')).toBe('other');
  });

  it('are injected by their token, from forFeature and forRoot alike', async () => {
    await app.get<CacheService>(getCacheToken('products')).set('2', 'two');
    expect(await cache.namespace('products').get('2')).toBe('two');
    await app.get<CacheService>(getCacheToken('reviews')).set('2', 'good');
    expect(await cache.namespace('reviews').get('2')).toBe('good');
  });

  it('must be declared', () => {
    expect(() => cache.namespace('porducts')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_NAMESPACE',
        message: expect.stringContaining("forFeature([{ namespace: 'porducts' }])"),
      }),
    );
  });

  it('declared twice with different options stop the boot', async () => {
    const imports = [
      RedisCacheModule.forFeature([{ namespace: 'carts', ttl: '1m' }]),
      RedisCacheModule.forFeature([{ namespace: 'carts', ttl: '2m' }]),
    ];
    await expect(startApp({ connection, imports })).rejects.toMatchObject({
      message: expect.stringContaining('"carts"'),
    });
  });

  it('that name a connection nobody has stop the boot', async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'carts', connection: 'durable' }])];
    await expect(startApp({ connection, imports })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'forFeature(carts).connection: there is no connection "durable". Known: "default".',
    });
  });

  it('can be narrowed by a prefix', async () => {
    const eu = cache.withPrefix('eu:');
    const berlin = eu.withPrefix('berlin:');
    await berlin.set('1', 'one');
    expect(await eu.get('berlin:1')).toBe('one');
    expect(await cache.get('eu:berlin:1')).toBe('one');
    expect(await eu.getMany(['berlin:1', 'missing'])).toEqual(new Map([['berlin:1', 'one']]));
    await expect(eu.get(1 as never)).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it('of two applications with different prefixes never meet', async () => {
    const other = await startApp({ connection, keyPrefix: uniquePrefix() });
    await cache.set('mine', 1);
    expect(await other.get(CacheService).get('mine')).toBeUndefined();
    await other.close();
  });
});

describeEachTopology('hostile keys', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    app = await startApp({ connection });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  const names = [
    '',
    '*',
    '?',
    '[a]',
    '\\',
    '{',
    '}',
    '{}',
    '{a}:b',
    ':',
    '::',
    ' ',
    '\n',
    '\r\n',
    'ключ',
    '🔑',
    'é',
    'e\u0301',
    'x'.repeat(10_240),
  ];

  it('are keys like any other, each with a place of its own', async () => {
    await cache.setMany(names.map((name, at) => [name, at]));
    expect(await cache.getMany(names)).toEqual(new Map(names.map((name, at) => [name, at])));
    expect(await cache.delete('*')).toBe(true);
    expect((await cache.getMany(names)).size).toBe(names.length - 1);
    expect(await cache.deleteMany(names)).toBe(names.length - 1);
  });

  it.each([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', '\ud800'],
    ['a number', 1],
    ['undefined', undefined],
    ['an object', {}],
  ])('are refused when they hold or are %s, by every operation', async (_, key) => {
    const bad = key as string;
    const calls = [
      () => cache.get(bad),
      () => cache.set(bad, 1),
      () => cache.getOrSet(bad, () => 1),
      () => cache.has(bad),
      () => cache.ttl(bad),
      () => cache.touch(bad),
      () => cache.delete(bad),
      () => cache.getMany([bad]),
      () => cache.setMany([[bad, 1]]),
      () => cache.deleteMany([bad]),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });
});
