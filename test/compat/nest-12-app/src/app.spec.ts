import { Test, type TestingModule } from '@nestjs/testing';
import { CacheService, getCacheToken, SessionService } from 'nestjs-redis-cache';
import { FakeSessionService } from 'nestjs-redis-cache/testing';
import { AppModule } from './app.module.js';
import { Product } from './product.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

describe('an application with the cache, under Jest', () => {
  let app: TestingModule;

  beforeAll(async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = await testing.init();
  });
  afterAll(() => app.close());

  it('resolves the cache by its class and by its token', () => {
    expect(app.get(CacheService)).toBeInstanceOf(CacheService);
    expect(app.get(getCacheToken('products'))).toBeInstanceOf(CacheService);
  });

  it('loads once, then hits', async () => {
    const service = app.get(ProductsService);
    const loaded = await service.find('jest');
    expect(await service.find('jest')).toStrictEqual(loaded);
    expect(service.loads).toBe(1);
  });

  it('returns Date, Map and a registered class as they were', async () => {
    const { products } = app.get(ProductsService);
    const stored = { date: new Date(0), map: new Map([['first', new Product('In a map', 5)]]) };
    await products.set('jest:values', stored);
    expect(await products.get('jest:values')).toStrictEqual(stored);
  });

  it('runs a decorated method once, until another one evicts', async () => {
    const repository = app.get(ProductsRepository);
    const first = await repository.find('decorated');
    expect(await repository.find('decorated')).toStrictEqual(first);
    expect(repository.calls).toEqual(['find decorated']);
    await repository.update('decorated', 990);
    expect((await repository.find('decorated')).cents).toBe(990);
  });

  it.each(['in Redis', 'in memory'])('ends a session for good: %s', async (place) => {
    const sessions = place === 'in memory' ? FakeSessionService.create() : app.get(SessionService);
    const { token } = await sessions.create({ userId: 'ada', data: { since: new Date(0) } });
    expect((await sessions.get(token))?.data).toStrictEqual({ since: new Date(0) });
    expect(await sessions.destroy(token)).toBe(true);
    expect(await sessions.set(token, { since: new Date(1) })).toBe(false);
    expect(await sessions.get(token)).toBeUndefined();
  });
});
