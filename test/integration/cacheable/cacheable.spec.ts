import { Injectable, type INestApplication, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheService } from 'nestjs-redis-cache';
import { start } from './start.js';

interface Product {
  readonly id: string;
  readonly price: number;
  readonly addedAt: Date;
}

@Injectable()
class Products {
  readonly calls: string[] = [];
  readonly missing = new Set<string>();
  private readonly price = 5;

  @Cacheable({ key: 'product:{0}' })
  async find(id: string): Promise<Product | null> {
    this.calls.push(`find ${id}`);
    return this.missing.has(id) ? null : { id, price: this.price, addedAt: new Date(0) };
  }

  @Cacheable()
  async list(
    page: number,
    filter?: { readonly category?: string; readonly tags?: readonly string[] },
  ): Promise<number[]> {
    this.calls.push(`list ${page} ${JSON.stringify(filter)}`);
    return [page];
  }

  @Cacheable({ key: (id) => `failing:${id}` })
  async failing(id: string): Promise<Product> {
    this.calls.push(`failing ${id}`);
    throw new NotFoundException(id);
  }

  @Cacheable({ key: (id) => `nothing:${id}` })
  async nothing(id: string): Promise<undefined> {
    this.calls.push(`nothing ${id}`);
  }

  @Cacheable({
    key: 'offer:{0.id}:{1}',
    ttl: (price, product) => (product.id === 'short' && price > 0 ? '10s' : 'forever'),
    tags: ['offers', 'offer:{0.id}'],
    tagsFrom: (price, product) => [`price:${price}`, `in:${product.id}`],
    unless: (price) => price < 0,
    condition: (_, currency) => currency !== 'XXX',
  })
  async offer(product: { readonly id: string }, currency: string, price = 1): Promise<number> {
    this.calls.push(`offer ${product.id} ${currency}`);
    return price;
  }
}

describe('@Cacheable', () => {
  let app: INestApplication;
  let products: Products;
  let cache: CacheService;

  beforeEach(async () => {
    app = await start({ providers: [Products] });
    products = app.get(Products);
    cache = app.get(CacheService);
  });
  afterEach(() => app.close());

  it('runs the method once, and answers with what came of it', async () => {
    const first = await products.find('1');
    expect(first).toEqual({ id: '1', price: 5, addedAt: new Date(0) });
    expect(await products.find('1')).toEqual(first);
    expect(await products.find('2')).toMatchObject({ id: '2' });
    expect(products.calls).toEqual(['find 1', 'find 2']);
    expect(await cache.get('product:1')).toEqual(first);
  });

  it('runs it once for all who ask at the same time', async () => {
    const found = await Promise.all(Array.from({ length: 50 }, () => products.find('1')));
    expect(new Set(found.map((product) => product?.id))).toEqual(new Set(['1']));
    expect(products.calls).toEqual(['find 1']);
  });

  it('keeps null, and neither undefined nor errors', async () => {
    products.missing.add('1');
    expect([await products.find('1'), await products.find('1')]).toEqual([null, null]);
    expect([await products.nothing('1'), await products.nothing('1')]).toEqual([undefined, undefined]);
    await expect(products.failing('1')).rejects.toThrow(NotFoundException);
    await expect(products.failing('1')).rejects.toThrow(NotFoundException);
    expect(products.calls).toEqual(['find 1', 'nothing 1', 'nothing 1', 'failing 1', 'failing 1']);
  });

  it('makes a key of the arguments when none is given', async () => {
    await products.list(1);
    await products.list(1, undefined);
    await products.list(1, {});
    await products.list(1, { tags: ['a'], category: 'tea' });
    await products.list(1, { category: 'tea', tags: ['a'] });
    expect(products.calls).toEqual(['list 1 undefined', 'list 1 {}', 'list 1 {"tags":["a"],"category":"tea"}']);
    const keys: string[] = [];
    for await (const { key } of cache.keys('Products.list:1*')) keys.push(key);
    expect(keys.sort()).toEqual([
      'Products.list:1',
      'Products.list:1:{"category":"tea","tags":["a"]}',
      'Products.list:1:{}',
    ]);
  });

  it('may depend on the result and the arguments: ttl, tags, whether it is kept', async () => {
    await products.offer({ id: 'short' }, 'EUR');
    await products.offer({ id: 'long' }, 'EUR');
    expect(await cache.ttl('offer:short:EUR')).toBeLessThanOrEqual(10_000);
    expect(await cache.ttl('offer:long:EUR')).toBe('forever');
    for (const tag of ['offer:short', 'in:short']) {
      expect(await cache.invalidate({ tags: [tag] })).toMatchObject({ removed: 1 });
      await products.offer({ id: 'short' }, 'EUR');
    }
    expect(await cache.invalidate({ tags: ['price:1'] })).toMatchObject({ removed: 2 });
  });

  it('keeps nothing of a result that unless is for, and of a call that condition is against', async () => {
    await products.offer({ id: 'a' }, 'EUR', -1);
    await products.offer({ id: 'a' }, 'EUR', -1);
    await products.offer({ id: 'a' }, 'XXX');
    await products.offer({ id: 'a' }, 'XXX');
    expect(products.calls).toHaveLength(4);
    expect(await cache.size()).toBe(0);
  });
});
