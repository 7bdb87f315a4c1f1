import { EventEmitter, once } from 'node:events';
import { ConflictException } from '@nestjs/common';
import { jest } from '@jest/globals';
import { getRepositoryToken } from '@nestjs/typeorm';
import { CacheService } from 'nestjs-redis-cache';
import type { Repository } from 'typeorm';
import type { ProductPage } from '../../apps/sample/src/products/product-page.js';
import { Product } from '../../apps/sample/src/products/product.entity.js';
import { ProductsRepository } from '../../apps/sample/src/products/products.repository.js';
import { ProductsService } from '../../apps/sample/src/products/products.service.js';
import { eventually } from '../support/eventually.js';
import { type DatabaseLink, linkToDatabase } from './database-link.js';
import { openShop, type Shop } from './shop.js';

const OUTCOMES = [
  ['commits', 204],
  ['rolls back', 409],
  ['commits, but the reply is lost', 500],
] as const;
type Outcome = (typeof OUTCOMES)[number][0];

/** On the first pages of the two categories it is moved between; no other test moves anything there. */
const ID = 29;
const CATEGORIES = ['desks', 'tents'] as const;
const PATHS = [`/products/${ID}`, ...CATEGORIES.map((slug) => `/categories/${slug}/products`)];

const idsOn = ({ total, products }: ProductPage) => [total, ...products.map(({ id }) => id)];

// On sql.js everybody has the same connection: readers see what is not committed, and none of it may stay in the cache.
describe('a transaction', () => {
  let link: DatabaseLink;
  let shop: Shop;

  beforeAll(async () => {
    link = await linkToDatabase();
    shop = await openShop(link.environment);
    shop.app.useLogger(false); // of errors that are meant
  });
  afterAll(async () => {
    await shop.app.close();
    await link.close();
  });
  afterEach(() => jest.restoreAllMocks());

  /** Moves the product, and waits before it commits. */
  async function beginMove(outcome: Outcome) {
    const products = shop.app.get(ProductsRepository);
    const move = products.move.bind(products);
    const signals = new EventEmitter();
    const [written, ending] = [once(signals, 'written'), once(signals, 'ending')];
    jest.spyOn(products, 'move').mockImplementationOnce(async (...args) => {
      const left = await move(...args);
      signals.emit('written');
      await ending;
      if (outcome === 'rolls back') throw new ConflictException();
      return left;
    });
    if (outcome === 'commits, but the reply is lost') link.loseNextCommitReply(shop);

    const { category } = await shop.app.get(ProductsService).get(ID);
    await shop.app.get(CacheService).clearAll();
    const target = CATEGORIES.find((slug) => slug !== category.slug)!;
    const request = shop.http.post(`/categories/${target}/products`).send({ productIds: [ID] });
    const answer = request.then(({ status }) => status);
    await Promise.race([written, answer]);
    const end = () => {
      signals.emit('ending');
      return answer;
    };
    return { wanted: outcome === 'rolls back' ? category.slug : target, end };
  }

  /** What the database says: where the product is, and what is on the first page of either category. */
  async function truth() {
    return shop.app.get(CacheService).bypass(async () => {
      const service = shop.app.get(ProductsService);
      const pages = await Promise.all(CATEGORIES.map((slug) => service.pageOfCategory(slug, 1)));
      return [(await service.get(ID)).category.slug, ...pages.map(idsOn)];
    });
  }

  /** What the shop shows of the same. */
  async function shown() {
    const [product, ...pages] = await Promise.all(PATHS.map(async (path) => (await shop.http.get(path)).body));
    return [product.category.slug, ...pages.map(idsOn)];
  }

  it.each(OUTCOMES)('that %s: what others have read before its end is not shown after it', async (outcome, status) => {
    const { wanted, end } = await beginMove(outcome);
    await shown();
    for (const path of PATHS) await shop.http.get(path).expect('X-Cache', 'HIT');

    expect(await end()).toBe(status);
    for (const path of PATHS) await shop.http.get(path).expect('X-Cache', 'MISS');
    for (const path of PATHS) await shop.http.get(path).expect('X-Cache', 'HIT');
    expect(await shown()).toEqual(await truth());
    expect(await truth()).toContain(wanted);
  });

  it.each(OUTCOMES)('that %s: what others have read before its end is not stored after it', async (outcome, status) => {
    const { wanted, end } = await beginMove(outcome);
    const repository = shop.app.get<Repository<Product>>(getRepositoryToken(Product));
    const [findOne, findAndCount] = [repository.findOne.bind(repository), repository.findAndCount.bind(repository)];
    const signals = new EventEmitter();
    const late = once(signals, 'late');
    let read = 0;
    const heldBack = async <T>(rows: T): Promise<T> => {
      read += 1;
      await late;
      return rows;
    };
    jest.spyOn(repository, 'findOne').mockImplementation(async (options) => heldBack(await findOne(options)));
    jest.spyOn(repository, 'findAndCount').mockImplementation(async (options) => heldBack(await findAndCount(options)));
    const readers = shown();
    await eventually(() => expect(read).toBe(PATHS.length));

    expect(await end()).toBe(status);
    signals.emit('late');
    await readers;
    expect(await shown()).toEqual(await truth());
    expect(await truth()).toContain(wanted);
  });

  it('of one statement, whose commit is not heard of, is shown all the same', async () => {
    const { body: before } = await shop.http.get('/products/49').expect(200);
    const changes = { stock: before.stock + 1 };
    link.loseNextCommitReply(shop);
    await shop.http.patch('/products/49').send(changes).expect(500);
    await shop.http
      .get('/products/49')
      .expect('X-Cache', 'MISS')
      .expect({ ...before, ...changes });
  });
});
