import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { getRepositoryToken } from '@nestjs/typeorm';
import { RedisCacheEvents } from 'nestjs-redis-cache';
import type { Repository } from 'typeorm';
import { Category } from '../../apps/sample/src/categories/category.entity.js';
import { Product } from '../../apps/sample/src/products/product.entity.js';
import { ProductsRepository } from '../../apps/sample/src/products/products.repository.js';
import { Review } from '../../apps/sample/src/reviews/review.entity.js';
import { openShop, type Shop } from './shop.js';

// Each test has a product of its own: they run in any order, and a PostgreSQL keeps what earlier runs changed.
describe('products', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());
  afterEach(() => jest.restoreAllMocks());

  const products = () => shop.app.get<Repository<Product>>(getRepositoryToken(Product));
  const countLoads = () => jest.spyOn(products(), 'findOne');

  /** Resolves when that many reads have found nothing and wait for a load. */
  const misses = (count: number) =>
    new Promise<void>((resolve) => {
      const stop = shop.app.get(RedisCacheEvents).on('cache:miss', () => {
        count -= 1;
        if (count > 0) return;
        stop();
        setImmediate(resolve);
      });
    });

  it('shows a product with its category and a summary of its reviews', async () => {
    const { body } = await shop.http.get('/products/1').expect(200);
    expect(body).toEqual({
      id: 1,
      name: expect.stringMatching(/ \w/),
      priceCents: expect.any(Number),
      stock: expect.any(Number),
      category: { slug: 'backpacks', name: 'Backpacks' },
      reviewCount: expect.any(Number),
      averageRating: body.reviewCount === 0 ? null : expect.any(Number),
    });
  });

  it('reads from the database once, then from the cache', async () => {
    const loads = countLoads();
    const first = await shop.http.get('/products/101').expect(200).expect('X-Cache', 'MISS').expect('Age', '0');
    const second = await shop.http.get('/products/101').expect(200).expect('X-Cache', 'HIT').expect('Age', /^\d+$/);
    expect(second.body).toEqual(first.body);
    expect(loads).toHaveBeenCalledTimes(1);
  });

  it('gives the code the same classes from the cache as from the database', async () => {
    const repository = shop.app.get(ProductsRepository);
    await shop.http.post('/products/112/reviews').send({ rating: 5, author: 'Ada', text: 'Sturdy.' }).expect(201);
    for (const from of ['database', 'cache']) {
      const product = await repository.find(112);
      expect([from, product]).toEqual([from, expect.any(Product)]);
      expect(product?.category).toBeInstanceOf(Category);
      expect(product?.reviews[0]).toBeInstanceOf(Review);
      expect(product?.reviews[0]?.createdAt).toBeInstanceOf(Date);
      expect(product?.averageRating()).toEqual(expect.any(Number));
    }
  });

  it('tells how old a cached answer is', async () => {
    const startedAt = Date.now();
    await shop.http.get('/products/102').expect('Age', '0');
    let age = 0;
    while (age < 1) {
      await sleep(100);
      const { headers } = await shop.http.get('/products/102').expect('X-Cache', 'HIT');
      age = Number(headers.age);
    }
    expect(age).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 1000));
  });

  it('shows a change at the next read', async () => {
    const { body: before } = await shop.http.get('/products/103').expect('X-Cache', 'MISS');
    await shop.http.get('/products/103').expect('X-Cache', 'HIT');

    const changes = { name: `Renamed ${before.stock}`, priceCents: before.priceCents + 1, stock: before.stock + 1 };
    const { body: changed } = await shop.http.patch('/products/103').send(changes).expect(200);
    expect(changed).toEqual({ ...before, ...changes });

    const { body: after } = await shop.http.get('/products/103').expect('X-Cache', 'MISS');
    expect(after).toEqual(changed);
    await shop.http.get('/products/103').expect('X-Cache', 'HIT').expect(changed);
  });

  it('leaves out what a change does not name', async () => {
    const { body: before } = await shop.http.get('/products/104').expect(200);
    const { body: changed } = await shop.http.patch('/products/104').send({ stock: before.stock + 1 });
    expect(changed).toEqual({ ...before, stock: before.stock + 1 });
    await shop.http.patch('/products/104').send({}).expect(200).expect(changed);
  });

  it('keeps other products in the cache when one changes', async () => {
    const { body } = await shop.http.get('/products/105').expect(200);
    await shop.http.get('/products/106').expect('X-Cache', 'MISS');
    await shop.http
      .patch('/products/105')
      .send({ stock: body.stock + 1 })
      .expect(200);
    await shop.http.get('/products/106').expect('X-Cache', 'HIT');
  });

  it('loads once for many requests at the same time', async () => {
    const everybodyWaits = misses(10);
    const findOne = products().findOne.bind(products());
    const loads = countLoads().mockImplementation(async (options) => {
      await everybodyWaits;
      return findOne(options);
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.http.get('/products/107').expect(200)));
    expect(loads).toHaveBeenCalledTimes(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('gives each of several requests its own headers', async () => {
    await shop.http.get('/products/108').expect('X-Cache', 'MISS');
    await Promise.all([
      shop.http.get('/products/108').expect('X-Cache', 'HIT'),
      shop.http.get('/products/109').expect('X-Cache', 'MISS'),
      shop.http.get('/products/108').expect('X-Cache', 'HIT'),
      shop.http.get('/products/110').expect('X-Cache', 'MISS'),
    ]);
  });

  it('caches that a product does not exist', async () => {
    const loads = countLoads();
    await shop.http.get('/products/2000000000').expect(404).expect('X-Cache', 'MISS');
    const { body } = await shop.http.get('/products/2000000000').expect(404).expect('X-Cache', 'HIT');
    expect(body.message).toBe('There is no product 2000000000.');
    expect(loads).toHaveBeenCalledTimes(1);
  });

  it('cannot change a product that does not exist', () =>
    shop.http.patch('/products/2000000001').send({ stock: 1 }).expect(404));

  it.each(['abc', '0', '-1', '1.5', '2147483648', '1e99'])('refuses the id %s', async (id) => {
    const { body, headers } = await shop.http.get(`/products/${id}`).expect(400);
    expect(body.message).toContainEqual(expect.stringMatching(/^id must/));
    expect(headers).not.toHaveProperty('x-cache');
  });

  it.each([
    ['priceCents', { priceCents: 0 }],
    ['priceCents', { priceCents: 9.99 }],
    ['priceCents', { priceCents: '999' }],
    ['priceCents', { priceCents: null }],
    ['stock', { stock: -1 }],
    ['name', { name: 'x' }],
    ['name', { name: null }],
    ['name', { name: 'a\u0000b' }],
    ['id', { id: 5 }],
    ['category', { category: 'lamps' }],
  ])('refuses a wrong %s: %j', async (field, changes) => {
    const { body } = await shop.http.patch('/products/111').send(changes).expect(400);
    expect(body.message).toContainEqual(expect.stringContaining(field));
  });
});
