import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheConfig, Cacheable, CacheEvict, CacheService, RedisCacheModule, wireCache } from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { start } from './start.js';

@Injectable()
class Products {
  loads = 0;

  @Cacheable()
  async find(id: string): Promise<string> {
    this.loads += 1;
    return id;
  }

  @CacheEvict({ pattern: 'Products.find:*' })
  async change(): Promise<void> {}
}

describe('the cache of decorated classes', () => {
  it('is missed at boot, with what to import, also in a test', async () => {
    const compiled = Test.createTestingModule({ providers: [Products] }).compile();
    await expect(compiled).rejects.toThrow(/can't resolve dependencies of the Products.*RedisCacheModule\.forRoot\(/s);
    await expect(compiled).rejects.toThrow('...provideFakeRedisCache() among the providers of a test');
  });

  it('is that of the application: two in one process have nothing in common', async () => {
    const [one, other] = await Promise.all([start({ providers: [Products] }), start({ providers: [Products] })]);
    const [first, second] = [one.get(Products), other.get(Products)];
    await first.find('1');
    await second.find('1');
    expect([first.loads, second.loads]).toEqual([1, 1]);
    await first.change();
    expect([await one.get(CacheService).size(), await other.get(CacheService).size()]).toEqual([0, 1]);
    await first.find('1');
    await second.find('1');
    expect([first.loads, second.loads]).toEqual([2, 1]);
    await one.close();
    await second.find('1');
    expect(second.loads).toBe(1);
    await other.close();
  });

  it('may have namespaces that another application has not', async () => {
    @CacheConfig({ namespace: 'prices' })
    @Injectable()
    class Prices {
      @Cacheable({ key: (id) => id })
      async of(id: string): Promise<string> {
        return id;
      }
    }
    const imports = [RedisCacheModule.forFeature([{ namespace: 'prices' }])];
    const [one, other] = await Promise.all([
      start({ providers: [Prices], imports }),
      start({ providers: [Prices], imports }),
    ]);
    await one.get(Prices).of('1');
    expect(await one.get(CacheService).namespace('prices').has('1')).toBe(true);
    expect(await other.get(CacheService).namespace('prices').has('1')).toBe(false);
    await Promise.all([one.close(), other.close()]);
  });

  it('is not known to an instance of a factory, which runs uncached and warns once, until it is wired', async () => {
    const logger = new CollectingLogger();
    const unwired = await start({ providers: [{ provide: Products, useFactory: () => new Products() }], logger });
    for (const id of ['1', '1']) expect(await unwired.get(Products).find(id)).toBe('1');
    expect(unwired.get(Products).loads).toBe(2);
    expect(logger.containing('Products.find runs without @Cacheable')).toHaveLength(1);
    await unwired.close();

    const useFactory = (cache: CacheService): Products => wireCache(new Products(), cache);
    const wired = await start({ providers: [{ provide: Products, inject: [CacheService], useFactory }] });
    for (const id of ['1', '1']) expect(await wired.get(Products).find(id)).toBe('1');
    expect(wired.get(Products).loads).toBe(1);
    await wired.get(Products).change();
    expect(await wired.get(CacheService).size()).toBe(0);
    await wired.close();
  });
});
