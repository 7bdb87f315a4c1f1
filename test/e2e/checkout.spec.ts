import { LockService, RedisCacheEvents } from 'nestjs-redis-cache';
import { StockRepository } from '../../apps/sample/src/checkout/stock.repository.js';
import { launchServer } from '../../tools/redis/index.mjs';
import { type DatabaseLink, linkToDatabase } from './database-link.js';
import { openShop, type Shop } from './shop.js';

const ID = 77;
const IN_STOCK = 12;
const BUYERS = 30;

describe('the checkout', () => {
  let link: DatabaseLink;
  let shop: Shop;

  beforeAll(async () => {
    link = await linkToDatabase();
    shop = await openShop(link.environment);
    // A server that is younger than the longest lock may have forgotten some.
    await (await shop.app.get(LockService).acquire('warm')).release();
  });
  afterAll(async () => {
    await shop.app.close();
    await link.close();
  });

  const buy = (count: number, id = ID) => shop.http.post(`/products/${id}/orders`).send({ count });

  it('never sells more than there is, however many buy at once, and the page shows what is left', async () => {
    const stock = shop.app.get(StockRepository);
    const { fencingToken } = await shop.app.get(LockService).acquire('as an administrator');
    await stock.set(ID, IN_STOCK, fencingToken);
    await shop.http.get(`/products/${ID}`).expect(200);
    const answers = await Promise.all(Array.from({ length: BUYERS }, () => buy(1)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(IN_STOCK);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(BUYERS - IN_STOCK);
    expect((await shop.http.get(`/products/${ID}`)).body).toMatchObject({ stock: 0 });
  });

  it('refuses who has lost the lock, in the database itself, from the moment the next one has read', async () => {
    const locks = shop.app.get(LockService);
    const stock = shop.app.get(StockRepository);
    const [older, newer] = [await locks.acquire('older'), await locks.acquire('newer')];
    const inStock = (await stock.read(ID + 1, older.fencingToken))!;
    expect(await stock.read(ID + 1, newer.fencingToken)).toBe(inStock);
    expect(await stock.set(ID + 1, inStock + 500, older.fencingToken)).toBe(false);
    expect(await stock.set(ID + 1, inStock + 5, newer.fencingToken)).toBe(true);
    expect(await stock.set(ID + 1, inStock + 500, older.fencingToken)).toBe(false);
    expect(await stock.read(ID + 1, newer.fencingToken)).toBe(inStock + 5);
    await Promise.all([older.release(), newer.release()]);
  });

  it('answers what is wrong', async () => {
    await buy(1, 2_000_000_000).expect(404);
    await buy(0).expect(400);
    await shop.http.post(`/products/${ID}/orders`).send({}).expect(400);
  });
});

describe('the checkout of a shop in memory', () => {
  it('is open at once on a Redis that has just started', async () => {
    const server = await launchServer({ quiet: true });
    const shop = await openShop({ DATABASE_URL: '', REDIS_URL: server.url });
    const told: string[] = [];
    for (const name of ['lock:closed', 'lock:acquired'] as const)
      shop.app.get(RedisCacheEvents).on(name, () => void told.push(name));
    await shop.http.post(`/products/${ID}/orders`).send({ count: 1 }).expect(201);
    expect(told).toEqual(['lock:acquired']);
    await shop.app.close();
    await server.stop();
  });
});
