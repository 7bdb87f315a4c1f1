import { openShop, type Shop } from './shop.js';

describe('reviews', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  const opinion = { rating: 5, author: 'Ada', text: 'Better than the picture.' };

  it('are cached with their product', async () => {
    await shop.http.get('/products/201').expect('X-Cache', 'MISS');
    const { body } = await shop.http.get('/products/201/reviews').expect(200).expect('X-Cache', 'HIT');
    expect(body).toEqual(expect.any(Array));
  });

  it('show a new one first, and at once', async () => {
    const { body: before } = await shop.http.get('/products/202/reviews').expect(200);
    const { body: product } = await shop.http.get('/products/202').expect('X-Cache', 'HIT');
    expect(product.reviewCount).toBe(before.length);

    const { body: added } = await shop.http.post('/products/202/reviews').send(opinion).expect(201);
    expect(added).toEqual({ ...opinion, id: expect.any(Number), createdAt: expect.any(String) });

    const { body: after } = await shop.http.get('/products/202/reviews').expect('X-Cache', 'MISS');
    expect(after).toEqual([added, ...before]);
    const { body: reviewed } = await shop.http.get('/products/202').expect('X-Cache', 'HIT');
    expect(reviewed.reviewCount).toBe(before.length + 1);
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
