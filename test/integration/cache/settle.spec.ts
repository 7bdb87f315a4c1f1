import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology, testTopologies } from '../../support/topologies.js';

describeEachTopology('an invalidation that settles', ({ connection }) => {
  let apps: INestApplicationContext[];
  let cache: CacheService;
  let other: CacheService;

  beforeAll(async () => {
    const keyPrefix = uniquePrefix();
    apps = [await startApp({ connection, keyPrefix }), await startApp({ connection, keyPrefix })];
    [cache, other] = apps.map((app) => app.get(CacheService)) as [CacheService, CacheService];
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  it.each([
    ['a key', (key: string) => cache.delete(key, { settle: '1m' })],
    ['keys', (key: string) => cache.invalidate({ keys: [key] }, { settle: '1m' })],
    ['a tag', (key: string) => cache.invalidate({ tags: [`tag of ${key}`] }, { settle: '1m' })],
  ])('by %s: what is loaded meanwhile, in any process, is returned and not stored', async (by, invalidate) => {
    const key = `lagging by ${by}`;
    for (const options of [{ tags: [`tag of ${key}`] }, { tagsFrom: () => [`tag of ${key}`] }]) {
      await cache.set(key, 'old', { tags: [`tag of ${key}`] });
      await invalidate(key);
      expect(await other.getOrSet(key, () => 'from the replica', options)).toBe('from the replica');
      expect(await cache.get(key)).toBeUndefined();
      expect((await other.explain(key)).lease).toBeNull();
    }
    await cache.set(key, 'stated');
    expect(await other.get(key)).toBe('stated');
  });

  it('refuses also what began to be loaded before it had settled, and ended after', async () => {
    await cache.delete('slow', { settle: 100 });
    await cache.invalidate({ tags: ['slow'] }, { settle: 100 });
    const loaded = await other.getOrSet(
      'slow',
      async () => {
        // Another key tells when it has settled.
        await cache.delete('clock', { settle: 100 });
        await eventually(async () => {
          await cache.getOrSet('clock', () => 1);
          expect(await cache.has('clock')).toBe(true);
        });
        return 'from the replica';
      },
      { tagsFrom: () => ['slow'] },
    );
    expect(loaded).toBe('from the replica');
    expect(await cache.has('slow')).toBe(false);
    expect(await cache.getOrSet('slow', () => 'new', { tags: ['slow'] })).toBe('new');
    expect(await cache.has('slow')).toBe(true);
  });

  it('is not cut short by an invalidation that does not settle', async () => {
    await cache.delete('twice', { settle: '1m' });
    await cache.delete('twice');
    await cache.invalidate('twice*');
    await other.getOrSet('twice', () => 'from the replica');
    expect(await cache.has('twice')).toBe(false);
  });

  it('is not cut short by one that settles sooner', async () => {
    await cache.delete('longer', { settle: '1m' });
    await cache.delete('longer', { settle: 1 });
    await cache.invalidate({ tags: ['longer'] }, { settle: '1m' });
    await cache.invalidate({ tags: ['longer'] }, { settle: 1 });
    await cache.delete('clock', { settle: 1 });
    await eventually(async () => {
      await cache.getOrSet('clock', () => 1);
      expect(await cache.has('clock')).toBe(true);
    });
    await other.getOrSet('longer', () => 'from the replica');
    await other.getOrSet('tagged longer', () => 'from the replica', { tags: ['longer'] });
    expect(await cache.getMany(['longer', 'tagged longer'])).toEqual(new Map());
  });

  it('works by key and tag only, for at most a minute', async () => {
    const refused = { code: 'INVALID_OPTION', option: 'settle' };
    await cache.set('kept', 1);
    await expect(cache.invalidate('kept*', { settle: '1s' })).rejects.toMatchObject(refused);
    await expect(cache.delete('kept', { settle: '2m' })).rejects.toMatchObject(refused);
    await expect(cache.invalidate({ keys: ['kept'] }, { settle: -1 })).rejects.toMatchObject(refused);
    expect(await cache.get('kept')).toBe(1);
  });
});

// On a cluster each of 64 buckets has a log of its own, with the same script.
describe('the tag log, while something settles', () => {
  it('keeps its length, and what settles', async () => {
    const keyPrefix = uniquePrefix();
    const app = await startApp({ connection: testTopologies()[0]!.connection, keyPrefix });
    const cache = app.get(CacheService);
    const tags = (of: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${of} ${at}`);
    await cache.invalidate({ tags: tags('settling', 60) }, { settle: '1m' });
    for (let round = 0; round < 5; round += 1) await cache.invalidate({ tags: tags(`later ${round}`, 300) });
    await cache.getOrSet('settles still', () => 1, { tags: ['settling 0'] });
    expect(await cache.has('settles still')).toBe(false);
    await cache.getOrSet('new', () => 1, { tags: ['early'] });
    expect(await cache.has('new')).toBe(true);
    const { client } = app.get(RedisConnection);
    expect(await client.zcard(`${keyPrefix}:cache-log:default:`)).toBe(1_024 + 60 + 3);
    await app.close();
  });
});
