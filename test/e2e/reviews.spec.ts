import { openShop, type Shop } from './shop.js';

describe('reviews', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  const opinion = { rating: 5, author: 'Ada', text: 'Better than the picture.' };

  it('are cached, and loaded once', async () => {
    await shop.http.get('/products/201').expect('X-Cache', 'MISS');
    const { body } = await shop.http.get('/products/201/reviews').expect(200).expect('X-Cache', 'MISS');
    await shop.http.get('/products/201/reviews').expect('X-Cache', 'HIT').expect(body);
    expect(body).toEqual(expect.any(Array));
  });

  it('show a new one first, and at once, also where they are counted', async () => {
    const { body: product } = await shop.http.get('/products/202').expect(200);
    const { body: before } = await shop.http.get('/products/202/reviews').expect(200);
    const { body: added } = await shop.http.post('/products/202/reviews').send(opinion).expect(201);
    expect(added).toEqual({ ...opinion, id: expect.any(Number), createdAt: expect.any(String) });

    const { body: after } = await shop.http.get('/products/202/reviews').expect('X-Cache', 'MISS');
    expect(after).toEqual([added, ...before].slice(0, 20));
    const { body: reviewed } = await shop.http.get('/products/202').expect('X-Cache', 'HIT');
    expect(reviewed.reviewCount).toBe(product.reviewCount + 1);
  });

  it('show a new one on all their pages, and leave those of other products in the cache', async () => {
    const pages = ['/products/205/reviews', '/products/205/reviews?page=2'];
    for (const page of [...pages, '/products/206/reviews']) await shop.http.get(page).expect('X-Cache', 'MISS');
    await shop.http.post('/products/205/reviews').send(opinion).expect(201);
    await shop.http.get('/products/205').expect('X-Cache', 'MISS');
    for (const page of pages) await shop.http.get(page).expect('X-Cache', 'MISS');
    await shop.http.get('/products/206/reviews').expect('X-Cache', 'HIT');
  });

  it('keep their dates in the cache', async () => {
    const { body: added } = await shop.http.post('/products/203/reviews').send(opinion).expect(201);
    const ageMs = Date.now() - Date.parse(added.createdAt);
    expect(Math.abs(ageMs)).toBeLessThan(60_000);

    await shop.http.get('/products/203/reviews').expect('X-Cache', 'MISS');
    const { body } = await shop.http.get('/products/203/reviews').expect('X-Cache', 'HIT');
    expect(body[0]).toEqual(added);
  });

  it('need a product', async () => {
    await shop.http.get('/products/2000000002/reviews').expect(404);
    await shop.http.post('/products/2000000002/reviews').send(opinion).expect(404);
  });

  it.each([
    ['rating', { ...opinion, rating: 6 }],
    ['rating', { ...opinion, rating: '5' }],
    ['author', { ...opinion, author: '' }],
    ['text', { ...opinion, text: undefined }],
    ['createdAt', { ...opinion, createdAt: '2020-01-01' }],
  ])('refuse a wrong %s', async (field, review) => {
    const { body } = await shop.http.post('/products/204/reviews').send(review).expect(400);
    expect(body.message).toContainEqual(expect.stringContaining(field));
  });
});
