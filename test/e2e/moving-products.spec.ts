import { openShop, type Shop } from './shop.js';

// Each test has products of its own; a PostgreSQL keeps where earlier runs have left them.
describe('moving products between categories', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.app.close());

  const CATEGORIES = ['cameras', 'garden'] as const;
  const page = async (slug: string) => (await shop.http.get(`/categories/${slug}/products`).expect(200)).body;
  const categoryOf = async (id: number): Promise<string> => {
    const { body } = await shop.http.get(`/products/${id}`).expect(200);
    return body.category.slug;
  };
  const move = (slug: string, productIds: unknown) =>
    shop.http.post(`/categories/${slug}/products`).send({ productIds });
  const otherThan = (slug: string) => CATEGORIES.find((other) => other !== slug)!;

  it('shows them in their new category at once, and no longer in the old one', async () => {
    const source = await categoryOf(44);
    const target = otherThan(source);
    const before = { source: await page(source), target: await page(target) };

    await move(target, [44]).expect(204);

    expect(await categoryOf(44)).toBe(target);
    const after = { source: await page(source), target: await page(target) };
    expect(after.source.total).toBe(before.source.total - 1);
    expect(after.target.total).toBe(before.target.total + 1);
    expect(after.source.products).not.toContainEqual(expect.objectContaining({ id: 44 }));
    expect(after.target.products).toContainEqual(expect.objectContaining({ id: 44 }));
  });

  it('leaves the pages of other categories in the cache', async () => {
    const target = otherThan(await categoryOf(64));
    await page('keyboards');
    await move(target, [64]).expect(204);
    await shop.http.get('/categories/keyboards/products').expect('X-Cache', 'HIT');
  });

  it('moves all of them or none', async () => {
    const source = await categoryOf(84);
    const { body } = await move(otherThan(source), [84, 2_000_000_003]).expect(404);
    expect(body.message).toBe('There is no product 2000000003.');
    expect(await categoryOf(84)).toBe(source);
  });

  // sql.js has one connection, on which transactions cannot go on side by side.
  const onPostgres = process.env.DATABASE_URL ? it : it.skip;
  onPostgres('does not lose one of two moves at the same time', async () => {
    const source = await categoryOf(104);
    const answers = await Promise.all([move(otherThan(source), [104]), move('keyboards', [104])]);
    const { body } = await shop.http.get('/products/104').expect(200);
    const moved = answers.map(({ status }) => status);
    expect(moved).toContain(204);
    expect([204, 409]).toEqual(expect.arrayContaining(moved));
    expect(body.category.slug).not.toBe(source);
    await move(source, [104]).expect(204);
  });

  it('needs a category', async () => {
    const { body } = await move('dragons', [44]).expect(404);
    expect(body.message).toBe('There is no category "dragons".');
  });

  it.each([[[]], [[0]], [['1']], [[1, 1]], [1], [null], [Array.from({ length: 101 }, (_, at) => at + 1)]])(
    'refuses %j',
    async (productIds) => {
      const { body } = await move('garden', productIds).expect(400);
      expect(body.message).toContainEqual(expect.stringContaining('productIds'));
    },
  );
});
