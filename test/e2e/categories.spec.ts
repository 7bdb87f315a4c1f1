import { openShop, type Shop } from './shop.js';

describe('categories', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  it('lists the categories', async () => {
    const { body } = await shop.http.get('/categories').expect(200);
    expect(body).toHaveLength(20);
    expect(body).toContainEqual({ slug: 'lamps', name: 'Lamps' });
    await shop.http.get('/categories').expect('X-Cache', 'HIT').expect(body);
  });

  it('shows the products of a category page by page', async () => {
    const { body: first } = await shop.http.get('/categories/lamps/products').expect(200).expect('X-Cache', 'MISS');
    const { body: second } = await shop.http.get('/categories/lamps/products?page=2').expect(200);
    expect(first).toMatchObject({ page: 1, pages: 25, total: 500 });
    expect(second).toMatchObject({ page: 2, pages: 25, total: 500 });

    const ids = [...first.products, ...second.products].map(({ id }: { id: number }) => id);
    expect(ids).toEqual(Array.from({ length: 40 }, (_, index) => 14 + 20 * index));
    await shop.http.get('/categories/lamps/products?page=1').expect('X-Cache', 'HIT').expect(first);
  });

  it('is empty after the last page', async () => {
    const { body } = await shop.http.get('/categories/shoes/products?page=26').expect(200);
    expect(body).toEqual({ products: [], page: 26, pages: 25, total: 500 });
  });

  it('shows a changed product at once, and reloads only the page it is on', async () => {
    // Product 415 is number 21 among the rugs, so it opens their second page.
    const pages = [1, 2, 3].map((page) => `/categories/rugs/products?page=${page}`);
    for (const page of pages) await shop.http.get(page).expect(200);
    const { body: product } = await shop.http.get('/products/415').expect(200);

    await shop.http
      .patch('/products/415')
      .send({ priceCents: product.priceCents + 1 })
      .expect(200);

    await shop.http.get(pages[0]!).expect('X-Cache', 'HIT');
    const { body } = await shop.http.get(pages[1]!).expect('X-Cache', 'MISS');
    expect(body.products[0]).toMatchObject({ id: 415, priceCents: product.priceCents + 1 });
    await shop.http.get(pages[2]!).expect('X-Cache', 'HIT');
  });

  it('answers 404 for an unknown category', async () => {
    const { body } = await shop.http.get('/categories/dragons/products').expect(404);
    expect(body.message).toBe('There is no category "dragons".');
  });

  it.each(['0', '-1', 'two', '1.5', '1001', '1&page=2'])('refuses page=%s', async (page) => {
    const { body } = await shop.http.get(`/categories/lamps/products?page=${page}`).expect(400);
    expect(body.message).toContainEqual(expect.stringMatching(/^page must/));
  });

  it('refuses a query it does not know', () => shop.http.get('/categories/lamps/products?sort=price').expect(400));
});
