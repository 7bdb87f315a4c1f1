import { catalogue } from '../../apps/sample/src/database/catalogue.js';
import { ProductsRepository } from '../../apps/sample/src/products/products.repository.js';
import { openShop, type Shop } from './shop.js';

describe('the shop', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  it('has 10,000 products', async () => {
    expect(await shop.app.get(ProductsRepository).count()).toBe(10_000);
  });

  it('has the same products after another boot', async () => {
    const other = await openShop();
    try {
      const { body: here } = await shop.http.get('/products/1').expect('X-Cache', 'MISS');
      const { body: there } = await other.http.get('/products/1').expect('X-Cache', 'MISS');
      const { name, priceCents, stock } = catalogue().products[0]!;
      expect(here).toMatchObject({ id: 1, name, priceCents, stock });
      expect(there).toEqual(here);
    } finally {
      await other.app.close();
    }
  });

  it('is healthy', async () => {
    const { body, headers } = await shop.http.get('/health').expect(200);
    expect(body).toEqual({ database: 'up', cache: 'up' });
    expect(headers).not.toHaveProperty('x-cache');
  });

  it('documents its routes', async () => {
    await shop.http.get('/docs').expect(200).expect('Content-Type', /html/);
    const { body } = await shop.http.get('/docs-json').expect(200);
    const routes = Object.entries<object>(body.paths).map(([path, verbs]) => `${path} ${Object.keys(verbs).join(' ')}`);
    expect(routes.sort()).toEqual([
      '/account get',
      '/account/email patch',
      '/accounts post',
      '/cart get post delete',
      '/categories get',
      '/categories/{slug}/products get post',
      '/devices get delete',
      '/devices/others delete',
      '/devices/{id} delete',
      '/exports/categories/{slug} get',
      '/health get',
      '/products/search get',
      '/products/{id} get patch',
      '/products/{id}/orders post',
      '/products/{id}/reviews get post',
      '/session post delete',
    ]);
    expect(body.components.schemas).toHaveProperty('ProductView.properties.averageRating');
  });

  it('answers 404 for a route it does not have', () => shop.http.get('/dragons').expect(404));
});
