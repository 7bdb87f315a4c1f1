import { RedisCacheEvents } from 'nestjs-redis-cache';
import { launchServer, type Server } from '../../tools/redis/index.mjs';
import { openShop, type Shop } from './shop.js';

describe('the shop, when Redis has gone away', () => {
  let server: Server;
  let shop: Shop;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    shop = await openShop({ REDIS_URL: server.url, REDIS_COMMAND_TIMEOUT: '1s' });
    shop.app.useLogger(false); // of warnings that are meant
    await shop.http.get('/products/301').expect(200).expect('X-Cache', 'MISS');
    await server.stop();
  });
  afterAll(async () => {
    await shop.app.close();
    await server.stop();
  });

  /** What could not be evicted while the request went on. */
  async function failedEvictions(request: PromiseLike<unknown>): Promise<string[]> {
    const failed: string[] = [];
    const stop = shop.app.get(RedisCacheEvents).on('cache:eviction-failed', ({ namespace }) => failed.push(namespace));
    await request;
    stop();
    return failed.sort();
  }

  it('reads from the database', async () => {
    await shop.http.get('/products/301').expect(200).expect('X-Cache', 'MISS');
    await shop.http.get('/categories/games/products').expect(200);
    await shop.http.get('/products/search?q=chess').expect(200);
  });

  it('answers with the change that it has made, and tells what could not be evicted', async () => {
    const { body } = await shop.http.get('/products/302').expect(200);
    const stock = body.stock + 1;
    const change = shop.http
      .patch('/products/302')
      .send({ stock })
      .expect(200, { ...body, stock });
    expect(await failedEvictions(change)).toEqual(['products', 'search']);
    await shop.http.get('/products/302').expect(200, { ...body, stock });
  });

  it('keeps a review', async () => {
    const opinion = { rating: 4, author: 'Ada', text: 'Still here.' };
    const review = shop.http.post('/products/303/reviews').send(opinion).expect(201);
    expect(await failedEvictions(review)).toEqual(['products', 'reviews']);
  });

  it('commits a transaction', async () => {
    const { body } = await shop.http.get('/products/304').expect(200);
    const move = shop.http
      .post(`/categories/${body.category.slug}/products`)
      .send({ productIds: [304] })
      .expect(204);
    expect(await failedEvictions(move)).toEqual(['products']);
  });
});
