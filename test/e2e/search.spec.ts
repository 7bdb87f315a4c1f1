import { openShop, type Shop } from './shop.js';

describe('search', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  it('finds products by a part of their name', async () => {
    const { body } = await shop.http.get('/products/search?q=blue%20hammock').expect(200).expect('X-Cache', 'MISS');
    expect(body.total).toBeGreaterThan(0);
    for (const { name } of body.products) expect(name).toContain('Blue Hammock');
    await shop.http.get('/products/search?q=blue%20hammock').expect('X-Cache', 'HIT').expect(body);
  });

  it('treats capitals and outer blanks alike, also in the cache', async () => {
    const { body } = await shop.http.get('/products/search?q=lantern').expect('X-Cache', 'MISS');
    await shop.http.get('/products/search?q=%20LANTERN%20').expect('X-Cache', 'HIT').expect(body);
  });

  it('shows a change of what it has found at once, and keeps other results', async () => {
    const { body: found } = await shop.http.get('/products/search?q=hourglass').expect(200);
    const { body: others } = await shop.http.get('/products/search?q=doormat').expect(200);
    const [{ id, stock }] = found.products;
    const changed = stock + 1;
    await shop.http.patch(`/products/${id}`).send({ stock: changed }).expect(200);
    const { body } = await shop.http.get('/products/search?q=hourglass').expect('X-Cache', 'MISS');
    expect(body.products[0]).toMatchObject({ id, stock: changed });
    await shop.http.get('/products/search?q=doormat').expect('X-Cache', 'HIT').expect(others);
  });

  it('has pages', async () => {
    const { body: first } = await shop.http.get('/products/search?q=wok').expect(200);
    const { body: second } = await shop.http.get('/products/search?q=wok&page=2').expect(200);
    expect(first.pages).toBe(Math.ceil(first.total / 20));
    expect(second).toMatchObject({ page: 2, total: first.total });
    expect(first.products).toHaveLength(20);
    expect(second.products[0].id).toBeGreaterThan(first.products[19].id);
  });

  it('finds nothing without an error', async () => {
    const { body } = await shop.http.get('/products/search?q=flying%20carpet').expect(200);
    expect(body).toEqual({ products: [], page: 1, pages: 0, total: 0 });
  });

  it.each(['', '?q=', '?q=a', '?q=%25%25', '?q=a_b', '?q=lamp&q=rug', '?q=lamp&page=0', `?q=${'x'.repeat(51)}`])(
    'refuses "%s"',
    (query) => shop.http.get(`/products/search${query}`).expect(400),
  );
});
