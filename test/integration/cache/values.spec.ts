import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisCacheModule, getCacheToken } from 'nestjs-redis-cache';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

class Product {
  constructor(
    readonly id: number,
    readonly releasedAt: Date,
  ) {}

  get label(): string {
    return `#${this.id}`;
  }
}

describeEachTopology('values', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'products', classes: [Product] }])];
    app = await startApp({ connection, imports });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  it.each([
    ['null', null],
    ['zero', 0],
    ['minus zero', -0],
    ['the empty text', ''],
    ['false', false],
    ['NaN', Number.NaN],
    ['an empty array', []],
    ['a big integer', 2n ** 70n],
    ['bytes', Buffer.from([0, 255])],
    ['a map with a date', new Map([['at', new Date(0)]])],
  ])('%s is a value', async (name, value) => {
    await cache.set(name, value);
    expect(await cache.get(name)).toStrictEqual(value);
    expect(await cache.has(name)).toBe(true);
  });

  it('tells a missing key from a stored null', async () => {
    await cache.set('nothing', null);
    expect(await cache.get('nothing')).toBeNull();
    expect(await cache.get('missing')).toBeUndefined();
    expect(await cache.has('missing')).toBe(false);
  });

  it('refuses undefined and keeps what was there', async () => {
    await cache.set('kept', 1);
    await expect(cache.set('kept', undefined as never)).rejects.toMatchObject({ code: 'UNSUPPORTED_VALUE' });
    expect(await cache.get('kept')).toBe(1);
  });

  it('revives registered classes, and only those', async () => {
    const products = app.get<CacheService>(getCacheToken('products'));
    await products.set('1', new Product(1, new Date(5)));
    const revived = await products.get<Product>('1');
    expect(revived).toStrictEqual(new Product(1, new Date(5)));
    expect(revived!.label).toBe('#1');

    await expect(cache.set('1', { list: [new Product(1, new Date(5))] })).rejects.toMatchObject({
      code: 'UNSUPPORTED_VALUE',
      path: '$.list[0]',
      message: expect.stringContaining('classes: [Product]'),
    });
    expect(await cache.has('1')).toBe(false);
  });

  it('hands every reader a copy of its own', async () => {
    await cache.set('shared', { list: [1], bytes: Buffer.from('a') });
    const one = await cache.get<{ list: number[]; bytes: Buffer }>('shared');
    one!.list.push(2);
    one!.bytes[0] = 0;
    expect(await cache.get('shared')).toStrictEqual({ list: [1], bytes: Buffer.from('a') });
  });
});
