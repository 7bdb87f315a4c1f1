import { Injectable, type INestApplication } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  CacheService,
  type RedisCacheEventMap,
  RedisCacheEvents,
  wireCache,
} from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { start } from './start.js';

@Injectable()
class Products {
  writes = 0;

  @Cacheable()
  async find(id: string): Promise<string> {
    return id;
  }

  @CacheEvict({ key: '{0}' }, { tags: ['all'], when: 'before' }, { namespace: 'default', pattern: 'list:*' })
  async update(id: string): Promise<string> {
    this.writes += 1;
    return id;
  }

  @CacheEvict({ key: '{0}', when: 'always' })
  async failing(_id: string): Promise<string> {
    throw new Error('the reason');
  }

  @CachePut({ key: '{0}' })
  async save(id: string): Promise<string> {
    this.writes += 1;
    return id;
  }
}

describe('when Redis is away', () => {
  let app: INestApplication;
  let products: Products;
  let failures: RedisCacheEventMap['cache:eviction-failed'][];
  const logger = new CollectingLogger();

  beforeAll(async () => {
    app = await start({ providers: [Products], connection: { url: 'redis://127.0.0.1:1' }, logger });
    products = app.get(Products);
    app.get(RedisCacheEvents).on('cache:eviction-failed', (failure) => failures.push(failure));
  });
  beforeEach(() => {
    failures = [];
    products.writes = 0;
  });
  afterAll(() => app.close());

  it('decorated methods read from the source', async () => {
    expect(await products.find('1')).toBe('1');
  });

  it('the result of a method that evicts is what it was, and an event tells', async () => {
    expect(await products.update('1')).toBe('1');
    expect(await products.update('2')).toBe('2');
    expect(products.writes).toBe(2);
    const failed = {
      namespace: 'default',
      error: expect.objectContaining({ code: 'REDIS_UNAVAILABLE' }),
    };
    expect(failures).toHaveLength(6);
    expect(failures).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...failed, target: { keys: [], patterns: [], tags: ['all'] } }),
        expect.objectContaining({ ...failed, target: { keys: ['1'], patterns: [], tags: [] } }),
        expect.objectContaining({ ...failed, target: { keys: [], patterns: ['list:*'], tags: [] } }),
      ]),
    );
    expect(logger.containing('Cache namespace "default": evictions have not been delivered')).toHaveLength(1);
  });

  it('the error of a method is what it was', async () => {
    await expect(products.failing('1')).rejects.toThrow('the reason');
    expect(failures).toMatchObject([{ target: { keys: ['1'] } }]);
  });

  it('an instance that was wired by hand tells the same', async () => {
    const wired = wireCache(new Products(), app.get(CacheService));
    expect(await wired.save('1')).toBe('1');
    expect(failures).toMatchObject([{ target: { keys: ['1'] } }]);
  });

  it('a method whose result would be stored runs, once, and an event tells', async () => {
    expect(await products.save('1')).toBe('1');
    expect(products.writes).toBe(1);
    expect(failures).toMatchObject([{ target: { keys: ['1'] } }]);
  });
});
