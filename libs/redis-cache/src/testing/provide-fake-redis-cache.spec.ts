import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { CacheService, getCacheToken, InjectCache } from '../cache/index.js';
import { Cacheable, CacheConfig, CacheEvict, CachePut } from '../cacheable/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { RedisCacheModule } from '../redis-cache.module.js';
import { FakeCacheService } from './fake-cache.service.js';
import { provideFakeRedisCache } from './provide-fake-redis-cache.js';

class Product {
  constructor(
    readonly id: string,
    readonly name: string,
  ) {}
}

@CacheConfig({ namespace: 'products' })
@Injectable()
class Products {
  loads = 0;
  private readonly rows = new Map([['1', new Product('1', 'Tea')]]);

  constructor(
    readonly root: CacheService,
    @InjectCache('products') readonly cache: CacheService,
    readonly events: RedisCacheEvents,
  ) {}

  @Cacheable({ key: '{0}', ttl: '10m', tags: ['all'] })
  async find(id: string): Promise<Product | null> {
    this.loads += 1;
    return this.rows.get(id) ?? null;
  }

  @CachePut({ key: '{0}' })
  async rename(id: string, name: string): Promise<Product> {
    const renamed = new Product(id, name);
    this.rows.set(id, renamed);
    return renamed;
  }

  @CacheEvict({ key: '{0}' }, { pattern: 'list:*' })
  async remove(id: string): Promise<void> {
    this.rows.delete(id);
  }
}

const OPTIONS = { namespaces: { products: { classes: [Product] } } };

/** How many sockets the process begins to connect meanwhile. */
async function socketsOf(work: () => Promise<void>): Promise<number> {
  let sockets = 0;
  const count = (): void => void (sockets += 1);
  subscribe('net.client.socket', count);
  try {
    await work();
  } finally {
    unsubscribe('net.client.socket', count);
  }
  return sockets;
}

async function exercise(moduleRef: TestingModule): Promise<void> {
  await moduleRef.init();
  const products = moduleRef.get(Products);
  const cache = moduleRef.get<FakeCacheService>(CacheService).namespace('products');
  const [one, other] = [await products.find('1'), await products.find('1')];
  expect(one).toStrictEqual(new Product('1', 'Tea'));
  expect(other).toStrictEqual(one);
  expect(other).not.toBe(one);
  expect(products.loads).toBe(1);
  cache.expectCached('1', new Product('1', 'Tea'));

  cache.advance('10m');
  await products.find('1');
  expect(products.loads).toBe(2);

  await products.rename('1', 'Green tea');
  cache.expectCached('1', new Product('1', 'Green tea'));
  await products.remove('1');
  cache.expectEvicted({ keys: ['1'], patterns: ['list:*'] });
  expect(await products.find('1')).toBeNull();
  cache.expectCached('1', null);
  await moduleRef.close();
}

describe('provideFakeRedisCache', () => {
  it('is all that a decorated class needs, and opens no socket', async () => {
    const sockets = await socketsOf(async () => {
      const providers = [Products, ...provideFakeRedisCache(OPTIONS)];
      await exercise(await Test.createTestingModule({ providers }).compile());
    });
    expect(sockets).toBe(0);
    expect(await socketsOf(async () => void connect(1, '127.0.0.1').on('error', () => undefined))).toBe(1);
  });

  it('gives the same cache by all its tokens, and its events', async () => {
    const moduleRef = await Test.createTestingModule({
      providers: [Products, ...provideFakeRedisCache(OPTIONS)],
    }).compile();
    const fake = moduleRef.get(FakeCacheService);
    const { root, cache, events } = moduleRef.get(Products);
    expect(root).toBe(fake);
    const misses: string[] = [];
    events.on('cache:miss', ({ namespace, key }) => misses.push(`${namespace} ${key}`));
    await cache.set('1', 'by its token');
    expect(await fake.namespace('products').get('1')).toBe('by its token');
    await cache.get('2');
    expect(misses).toEqual(['products 2']);
    expect(moduleRef.get(RedisCacheEvents)).toBe(events);
  });

  it('plans decorated methods at boot, as the module does', async () => {
    const providers = [Products, ...provideFakeRedisCache()];
    await expect(Test.createTestingModule({ providers }).compile()).rejects.toThrow(/cache:products/);
    const elsewhere = await Test.createTestingModule({
      providers: [Elsewhere, ...provideFakeRedisCache()],
    }).compile();
    await expect(elsewhere.init()).rejects.toThrow(/no cache namespace "elsewhere".*provideFakeRedisCache/);
  });

  it('refuses wrong options like forRoot', async () => {
    const providers = provideFakeRedisCache({ ttl: 'soon' as never });
    await expect(Test.createTestingModule({ providers }).compile()).rejects.toThrow(/^cache\.ttl/);
  });

  it('can be overridden', async () => {
    const moduleRef = await Test.createTestingModule({ providers: [Products, ...provideFakeRedisCache(OPTIONS)] })
      .overrideProvider(CacheService)
      .useValue(FakeCacheService.create(OPTIONS))
      .compile();
    await exercise(moduleRef);
  });
});

@CacheConfig({ namespace: 'elsewhere' })
@Injectable()
class Elsewhere {
  @Cacheable({ key: 'one' as never })
  async one(): Promise<number> {
    return 1;
  }
}

@Module({
  imports: [RedisCacheModule.forFeature([{ namespace: 'products', classes: [Product] }])],
  providers: [Products],
})
class ProductsModule {}

@Module({ imports: [RedisCacheModule.forRoot({ connection: { host: 'nowhere.invalid' } }), ProductsModule] })
class AppModule {}

@Module({ providers: provideFakeRedisCache(OPTIONS), exports: [CacheService] })
class FakeModule {}

describe('an application whose CacheService is overridden by the fake', () => {
  it('works whole, and opens no socket', async () => {
    const sockets = await socketsOf(async () => {
      const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(CacheService)
        .useValue(FakeCacheService.create(OPTIONS))
        .compile();
      expect(moduleRef.get(getCacheToken('products'), { strict: false })).toBeInstanceOf(FakeCacheService);
      await exercise(moduleRef);
    });
    expect(sockets).toBe(0);
  });

  it('cannot get it with overrideModule: what forRoot returns is no class', async () => {
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
      .overrideModule(RedisCacheModule)
      .useModule(FakeModule)
      .compile();
    expect(moduleRef.get(CacheService, { strict: false })).not.toBeInstanceOf(FakeCacheService);
  });
});
