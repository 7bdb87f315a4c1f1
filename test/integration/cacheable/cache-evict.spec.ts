import { Injectable, type INestApplication } from '@nestjs/common';
import {
  CacheConfig,
  Cacheable,
  CacheEvict,
  CacheService,
  isRedisCacheError,
  RedisCacheModule,
} from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { start } from './start.js';

interface Product {
  readonly id: string;
  readonly slug: string;
}

@CacheConfig({ namespace: 'products' })
@Injectable()
class Products {
  /** What a method sees of the cache while it runs. */
  during: (() => Promise<unknown>) | undefined;
  readonly seen: unknown[] = [];

  @Cacheable({ key: (id) => id })
  async find(id: string): Promise<Product> {
    return { id, slug: `slug-${id}` };
  }

  @CacheEvict(
    { key: (id) => id },
    { pattern: 'list:{0}:*' },
    { keyFrom: (product, id) => `${product.slug}/${id}` },
    { tags: (id, slug) => [`of:${id}:${slug}`] },
    { namespace: 'reviews', patterns: (id) => [`product:${id}:*`] },
    { namespace: 'default', keys: ['front', 'front:{1}'] },
  )
  async rename(id: string, slug: string): Promise<Product> {
    return { id, slug };
  }

  @CacheEvict({ key: '{0}' })
  async failing(_id: string): Promise<void> {
    throw new Error('no');
  }

  @CacheEvict({ key: 'always:{0}', when: 'always' }, { key: 'success:{0}' }, { key: 'before:{0}', when: 'before' })
  async timed(_id: string, outcome: 'succeeds' | 'throws'): Promise<string> {
    this.seen.push(await this.during?.());
    if (outcome === 'throws') throw new Error('no');
    return outcome;
  }

  @CacheEvict({ tags: (ids) => ids })
  async removeAll(_ids: readonly string[]): Promise<string> {
    return 'removed';
  }

  @CacheEvict({ all: true }, { namespace: 'reviews', key: 'a' })
  async reset(): Promise<void> {}

  @CacheEvict({ key: (id) => id.trim() }, { keyFrom: (id: string) => id })
  async trimmed(id: string): Promise<string> {
    this.seen.push('ran');
    return id;
  }

  @CacheEvict({ key: '{0}' }, { keyFrom: () => JSON.parse('{') as string })
  async brokenAfter(_id: string): Promise<void> {
    this.seen.push('ran');
  }

  @CacheEvict({ keys: (ids) => ids })
  async many(_ids: readonly string[]): Promise<void> {}
}

describeEachTopology('@CacheEvict', ({ connection }) => {
  let app: INestApplication;
  let products: Products;
  let cache: CacheService;
  let own: CacheService;
  let reviews: CacheService;

  beforeEach(async () => {
    app = await start({
      connection,
      providers: [Products],
      imports: [RedisCacheModule.forFeature([{ namespace: 'products' }, { namespace: 'reviews' }])],
    });
    products = app.get(Products);
    cache = app.get(CacheService);
    own = cache.namespace('products');
    reviews = cache.namespace('reviews');
  });
  afterEach(() => app.close());

  const keysOf = async (service: CacheService): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of service.keys()) keys.push(key);
    return keys.sort();
  };
  const fill = async (service: CacheService, ...keys: string[]): Promise<void> =>
    service.setMany(keys.map((key) => [key, 1]));

  it('evicts more tags at once than an entry may have', async () => {
    const cache = app.get(CacheService).namespace('products');
    const ids = Array.from({ length: 70 }, (_, at) => `many ${at}`);
    await cache.setMany(
      ids.map((id) => [id, id] as const),
      { tags: ['many 0', 'other'] },
    );
    expect(await app.get(Products).removeAll(ids)).toBe('removed');
    expect(await cache.getMany(ids)).toEqual(new Map());
  });

  it('evicts by key, pattern, tag and result, in several namespaces, and nothing else', async () => {
    await fill(own, '1', '2', 'list:1:a', 'list:2:a', 'new/1', 'new/2');
    await own.set('tagged', 1, { tags: ['of:1:new'] });
    await own.set('other', 1, { tags: ['of:1:old'] });
    await fill(reviews, 'product:1:a', 'product:1:b', 'product:2:a');
    await fill(cache, 'front', 'front:new', 'front:old');

    expect(await products.rename('1', 'new')).toEqual({ id: '1', slug: 'new' });

    expect(await keysOf(own)).toEqual(['2', 'list:2:a', 'new/2', 'other']);
    expect(await keysOf(reviews)).toEqual(['product:2:a']);
    expect(await keysOf(cache)).toEqual(['front:old']);
  });

  it('puts values into patterns so that they match themselves only', async () => {
    await fill(own, 'list:*:a', 'list:1:a');
    await products.rename('*', 'x');
    expect(await keysOf(own)).toEqual(['list:1:a']);
  });

  it('makes the next read load anew', async () => {
    await products.find('1');
    await own.set('1', { id: '1', slug: 'changed' });
    expect((await products.find('1')).slug).toBe('changed');
    await products.rename('1', 'x');
    expect((await products.find('1')).slug).toBe('slug-1');
  });

  it('leaves everything where it is when the method throws', async () => {
    await fill(own, '1');
    await expect(products.failing('1')).rejects.toThrow('no');
    expect(await keysOf(own)).toEqual(['1']);
  });

  it.each([
    ['succeeds', []],
    ['throws', ['success:1']],
  ] as const)('may do so before the method, or in any case (the method %s)', async (outcome, left) => {
    await fill(own, 'always:1', 'success:1', 'before:1');
    products.during = () => keysOf(own);
    await products.timed('1', outcome).catch(() => undefined);
    expect(products.seen).toEqual([['always:1', 'success:1']]);
    expect(await keysOf(own)).toEqual(left);
  });

  it('clears a whole namespace', async () => {
    await fill(own, '1', '2');
    await fill(reviews, 'a', 'b');
    await fill(cache, 'front');
    await products.reset();
    expect([await keysOf(own), await keysOf(reviews), await keysOf(cache)]).toEqual([[], ['b'], ['front']]);
  });

  it('takes several keys, or none', async () => {
    await fill(own, '1', '2', '3');
    await products.many([]);
    expect(await own.size()).toBe(3);
    await products.many(['1', '2']);
    expect(await keysOf(own)).toEqual(['3']);
  });

  it('asks for what the arguments say before the method runs, so that nothing is written when it cannot be said', async () => {
    const rejection = await products.trimmed(undefined as never).catch((error: unknown) => error);
    expect(isRedisCacheError(rejection, 'CACHE_CALLBACK_FAILED')).toBe(true);
    expect(rejection).toMatchObject({
      message: expect.stringMatching(/^Products\.trimmed @CacheEvict\[0\]\.key has thrown: /),
      cause: expect.any(TypeError),
    });
    expect(products.seen).toEqual([]);
  });

  it('carries out the rest when what the result says cannot be said', async () => {
    await fill(own, '1');
    await expect(products.brokenAfter('1')).rejects.toMatchObject({
      code: 'CACHE_CALLBACK_FAILED',
      option: 'Products.brokenAfter @CacheEvict[1].keyFrom',
    });
    expect(products.seen).toEqual(['ran']);
    expect(await keysOf(own)).toEqual([]);
  });
});
