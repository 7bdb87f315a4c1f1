import { catalogue } from './catalogue.js';

describe('catalogue', () => {
  const shop = catalogue();

  it('is the same every time', () => {
    expect(catalogue()).toEqual(shop);
  });

  it('is the same in every process', () => {
    expect(shop.products[0]).toEqual({
      id: 1,
      name: 'Rustic Crimson Messenger Bag',
      priceCents: 33_695,
      stock: 35,
      category: { id: 1 },
    });
  });

  it('has 10,000 products in 20 categories', () => {
    expect(shop.products).toHaveLength(10_000);
    expect(shop.categories).toHaveLength(20);
    const categoryIds = new Set(shop.products.map(({ category }) => category.id));
    expect(categoryIds).toEqual(new Set(shop.categories.map(({ id }) => id)));
  });

  it('has products without a review and none with more than five', () => {
    const counts = new Map(shop.products.map(({ id }) => [id, 0]));
    for (const { product } of shop.reviews) counts.set(product.id, (counts.get(product.id) ?? 0) + 1);
    expect(Math.min(...counts.values())).toBe(0);
    expect(Math.max(...counts.values())).toBe(5);
  });
});
