import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, type INestApplication } from '@nestjs/common';
import { CacheConfig, Cacheable, CacheEvict, CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { start } from './start.js';

const context = new AsyncLocalStorage<{ readonly tenant?: string; readonly locale?: string }>();

@CacheConfig({ namespace: 'products', ttl: '1h', tags: ['catalogue'] })
@Injectable()
class Products {
  @Cacheable({ key: 'a:{0}' })
  async plain(id: string): Promise<string> {
    return id;
  }

  @Cacheable({ key: 'b:{0}', namespace: 'special', ttl: '1s', tags: ['b'] })
  async special(id: string): Promise<string> {
    return id;
  }
}

@CacheConfig({ namespace: 'special', tags: ['below'] })
@Injectable()
class SpecialProducts extends Products {}

@CacheConfig({ varyBy: { tenant: () => context.getStore()?.tenant } })
@Injectable()
class Prices {
  loads = 0;

  @Cacheable({ key: 'price:{0}' })
  async of(id: string): Promise<string> {
    this.loads += 1;
    return `${context.getStore()?.tenant}: ${id}`;
  }

  @Cacheable({ varyBy: (_id, channel) => ({ locale: context.getStore()?.locale, channel }) })
  async label(id: string, _channel: string): Promise<string> {
    this.loads += 1;
    return `${context.getStore()?.tenant} ${context.getStore()?.locale}: ${id}`;
  }

  @CacheEvict({ key: 'price:{0}' })
  async change(_id: string): Promise<void> {}
}

@Injectable()
class Importer {
  @CacheEvict({ key: 'price:{0}' })
  async change(_id: string): Promise<void> {}

  @CacheEvict({ pattern: 'price:{0}?' })
  async changeSome(_id: string): Promise<void> {}

  @Cacheable({ key: (id) => id })
  async echo(id: string): Promise<string> {
    return id;
  }
}

describeEachTopology('@CacheConfig', ({ connection }) => {
  let app: INestApplication;
  let cache: CacheService;

  beforeEach(async () => {
    app = await start({
      connection,
      providers: [Products, SpecialProducts, Prices, Importer],
      imports: [RedisCacheModule.forFeature([{ namespace: 'products', ttl: '2h' }, { namespace: 'special' }])],
    });
    cache = app.get(CacheService);
  });
  afterEach(() => app.close());

  const minutes = async (namespace: string, key: string): Promise<number> =>
    Math.ceil(Number(await cache.namespace(namespace).ttl(key)) / 60_000);

  it('goes before the namespace, and the method before it', async () => {
    const products = app.get(Products);
    await products.plain('1');
    await products.special('1');
    expect([await minutes('products', 'a:1'), await minutes('special', 'b:1')]).toEqual([60, 1]);
    expect(await cache.namespace('products').invalidate({ tags: ['catalogue'] })).toMatchObject({ removed: 1 });
    for (const tag of ['catalogue', 'b']) {
      expect(await cache.namespace('special').invalidate({ tags: [tag] })).toMatchObject({ removed: 1 });
      await products.special('1');
    }
  });

  it('is inherited, and may be said otherwise below', async () => {
    await app.get(SpecialProducts).plain('1');
    expect(await minutes('special', 'a:1')).toBe(60);
    expect(await cache.namespace('products').has('a:1')).toBe(false);
    expect(await cache.namespace('special').invalidate({ tags: ['catalogue'] })).toMatchObject({ removed: 1 });
  });

  describe('varyBy', () => {
    const as = <T>(tenant: string | undefined, work: () => T, locale = 'en'): T =>
      context.run({ locale, ...(tenant === undefined ? {} : { tenant }) }, work);

    it('keeps one entry for each variant', async () => {
      const prices = app.get(Prices);
      const read = (tenant: string): Promise<string> => as(tenant, () => prices.of('1'));
      expect([await read('a'), await read('b'), await read('a'), await read('b')]).toEqual([
        'a: 1',
        'b: 1',
        'a: 1',
        'b: 1',
      ]);
      expect(prices.loads).toBe(2);
    });

    it('adds up: what the class varies by is not lost when a method varies by more', async () => {
      const prices = app.get(Prices);
      const labels = [];
      for (const tenant of ['a', 'b'])
        for (const locale of ['en', 'de']) labels.push(await as(tenant, () => prices.label('1', 'web'), locale));
      expect(labels).toEqual(['a en: 1', 'a de: 1', 'b en: 1', 'b de: 1']);
      await as('a', () => prices.label('1', 'web'), 'de');
      await as('a', () => prices.label('1', 'app'), 'de');
      expect(prices.loads).toBe(5);
    });

    it('refuses to answer where the context is missing', async () => {
      const prices = app.get(Prices);
      await expect(as(undefined, () => prices.of('1'))).rejects.toMatchObject({
        code: 'MISSING_CONTEXT',
        message: expect.stringContaining('Prices.of varies by "tenant"'),
      });
      expect(prices.loads).toBe(0);
    });

    it.each([
      ['by a method of the class', (): Promise<void> => app.get(Prices).change('1')],
      ['by a class that does not vary', (): Promise<void> => app.get(Importer).change('1')],
      ['by a pattern', (): Promise<void> => app.get(Importer).changeSome('')],
    ])('all variants are evicted with their key, without a context: %s', async (_, change) => {
      const prices = app.get(Prices);
      for (const tenant of ['a', 'b']) for (const id of ['1', '10']) await as(tenant, () => prices.of(id));
      await change();
      const keys: string[] = [];
      for await (const { key } of cache.keys()) keys.push(key.split('\u0001')[0]!);
      expect(keys).toEqual(['price:10', 'price:10']);
    });

    it('has no entry that another method can be made to read', async () => {
      await as('a', () => app.get(Prices).of('1'));
      await expect(app.get(Importer).echo('price:1\u0001{"tenant":"a"}')).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('Importer.echo @Cacheable.key: holds U+0001'),
      });
    });
  });
});

@CacheConfig({ namespace: 'contracts' })
@Injectable()
class Contracts {
  @Cacheable({ key: '{0}', varyBy: { locale: () => context.getStore()?.locale } })
  async of(id: string): Promise<string> {
    const { tenant, locale } = context.getStore()!;
    return `${tenant} ${locale} ${id}`;
  }

  @CacheEvict({ key: '{0}' })
  async change(_id: string): Promise<void> {}
}

describeEachTopology('varyBy of a namespace, and of all', ({ connection }) => {
  it('is part of the keys of decorated methods, beside their own, and needs no context to evict', async () => {
    const tenant = (): string | undefined => context.getStore()?.tenant;
    const imports = [RedisCacheModule.forFeature([{ namespace: 'contracts', varyBy: { tenant } }])];
    const app = await start({ connection, imports, providers: [Contracts] });
    const contracts = app.get(Contracts);
    const of = (store: { tenant?: string; locale: string }): Promise<string> =>
      context.run(store, () => contracts.of('1'));
    expect(await of({ tenant: 'a', locale: 'en' })).toBe('a en 1');
    expect(await of({ tenant: 'b', locale: 'en' })).toBe('b en 1');
    expect(await of({ tenant: 'a', locale: 'de' })).toBe('a de 1');
    const cache = app.get(CacheService).namespace('contracts');
    expect(await cache.size()).toBe(3);
    await expect(of({ locale: 'en' })).rejects.toMatchObject({ code: 'MISSING_CONTEXT' });
    await contracts.change('1');
    expect(await cache.size()).toBe(0);
    await app.close();
  });

  it('of forRoot holds in every namespace', async () => {
    const cache = { varyBy: { tenant: () => context.getStore()?.tenant }, namespaces: { contracts: {} } };
    const app = await start({ connection, cache, providers: [Contracts] });
    const contracts = app.get(Contracts);
    for (const tenant of ['a', 'b'])
      expect(await context.run({ tenant, locale: 'en' }, () => contracts.of('1'))).toBe(`${tenant} en 1`);
    await app.close();
  });
});
