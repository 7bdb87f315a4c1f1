import type { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { CacheOnOwnServer, forMany, numbered } from './cache-on-own-server.js';

const LIMIT_MS = 60_000;

describe('the index', () => {
  let own: CacheOnOwnServer;
  let redis: Redis;
  let cache: CacheService;

  beforeEach(async () => {
    own = await CacheOnOwnServer.start();
    ({ redis, cache } = own);
  });
  afterEach(() => own.stop());

  /** Entries of two kinds, with tags that are known before and after the load. */
  async function storeProductsAndReviews(): Promise<void> {
    await forMany(numbered('product', 700), (key) => cache.set(key, key, { tags: ['shop'] }));
    await forMany(numbered('review', 700), (key) => cache.getOrSet(key, () => ({ key }), { tagsFrom: () => ['text'] }));
  }

  async function expectInvalidationsToBeWhole(reviews: number): Promise<void> {
    expect(await cache.invalidate('product:1*')).toMatchObject({ delivered: true });
    expect(await own.found('product:1*')).toEqual([]);
    expect(await cache.invalidate({ tags: ['shop'] })).toMatchObject({ delivered: true });
    expect(await own.found('product:*')).toEqual([]);
    expect(await own.found('review:*')).toHaveLength(reviews);
    expect(await cache.invalidate({ tags: ['text'] })).toMatchObject({ removed: reviews });
    expect(await own.found('*')).toEqual([]);
  }

  it('is rebuilt when it was deleted', async () => {
    await storeProductsAndReviews();
    await redis.unlink(own.index);
    await expectInvalidationsToBeWhole(700);
  });

  it('is rebuilt when it was deleted and writers have begun a new one', async () => {
    await storeProductsAndReviews();
    await redis.unlink(own.index);
    await cache.set('product:new', 1);
    await cache.getOrSet('review:new', () => 1, { tags: ['text'] });
    expect(await redis.exists(own.index)).toBe(1);
    await cache.delete('product:new');
    await expectInvalidationsToBeWhole(701);
  });

  it('is rebuilt with what is being loaded: a load across its loss and an invalidation is not stored', async () => {
    let open = (): void => undefined;
    const gate = new Promise<string>((resolve) => (open = () => resolve('old')));
    let begun = 0;
    const load = (): Promise<string> => {
      begun += 1;
      return gate;
    };
    const loading = ['product:1', 'product:2'].map((key) => cache.getOrSet(key, load, { tagsFrom: () => ['shop'] }));
    await eventually(() => expect(begun).toBe(2));
    await redis.unlink(own.index);
    await cache.invalidate('product:1*');
    await redis.unlink(`${own.keyPrefix}:cache-log:default:`);
    await cache.invalidate({ tags: ['shop'] });
    open();
    expect(await Promise.all(loading)).toEqual(['old', 'old']);
    expect(await own.found('*')).toEqual([]);
  });

  it('is rebuilt after FLUSHALL', async () => {
    await storeProductsAndReviews();
    await redis.flushall();
    await storeProductsAndReviews();
    await expectInvalidationsToBeWhole(700);
  });

  it(
    'is rebuilt when Redis has evicted it for want of memory',
    async () => {
      await storeProductsAndReviews();
      const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
      await redis.config('SET', 'maxmemory-samples', '64');
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await redis.config('SET', 'maxmemory', String(used + 2_000_000));
      const deadline = performance.now() + 30_000;
      for (let at = 0; (await redis.exists(own.index)) === 1 && performance.now() < deadline; at += 1) {
        // Reading keeps the entries young; the index, which nobody reads, grows old.
        await cache.getMany([...numbered('product', 700), ...numbered('review', 700)]);
        await Promise.all(numbered(`other ${at}`, 20).map((key) => redis.set(key, 'x'.repeat(5_000))));
      }
      expect(await redis.exists(own.index)).toBe(0);
      await redis.config('SET', 'maxmemory', '0');
      expect((await own.found('product:*')).length).toBeGreaterThan(0);
      const reviews = await own.found('review:*');
      expect(reviews.length).toBeGreaterThan(0);
      await expectInvalidationsToBeWhole(reviews.length);
    },
    LIMIT_MS,
  );

  it('is built at boot: invalidations afterwards scan nothing', async () => {
    await storeProductsAndReviews();
    await redis.unlink(own.index);
    await own.reboot();
    ({ cache } = own);
    const { calls } = await own.spentBy(async () => {
      expect(await cache.invalidate('product:*')).toMatchObject({ removed: 700 });
      expect(await cache.invalidate({ tags: ['text'] })).toMatchObject({ removed: 700 });
      await cache.clear();
    });
    expect(calls).not.toHaveProperty('scan');
    expect(calls).not.toHaveProperty('keys');
    expect(calls.zrangebylex).toBeGreaterThan(5);
  });

  it('forgets keys whose loads had nothing to store', async () => {
    await forMany(numbered('missing', 5_000), (key) => cache.getOrSet(key, () => undefined));
    await forMany(numbered('there', 2_000), (key) => cache.getOrSet(key, () => 1));
    expect(await redis.zcard(own.index)).toBeLessThan(1.7 * 2_000 + 200);
  });
});
