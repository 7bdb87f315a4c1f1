import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

const MINUTE_MS = 60_000;

describeEachTopology('time to live', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;
  let plain: CacheService;
  const keyPrefix = uniquePrefix();

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'plain', serializer: 'json', ttl: '1h' }])];
    app = await startApp({ connection, keyPrefix, imports });
    cache = app.get(CacheService);
    plain = app.get(getCacheToken('plain'));
  });
  afterAll(() => app.close());

  const expectAbout = async (remaining: Promise<unknown>, ms: number): Promise<void> => {
    const left = await remaining;
    expect(left).toBeLessThanOrEqual(ms);
    expect(left).toBeGreaterThan(ms - 15_000);
  };

  it('is five minutes, unless somebody says otherwise', async () => {
    await cache.set('default', 1);
    await expectAbout(cache.ttl('default'), 5 * MINUTE_MS);
    await cache.set('own', 1, { ttl: '2m' });
    await expectAbout(cache.ttl('own'), 2 * MINUTE_MS);
    await cache.getOrSet('loaded', () => 1, { ttl: MINUTE_MS });
    await expectAbout(cache.ttl('loaded'), MINUTE_MS);
    await plain.set('of the namespace', 1);
    await expectAbout(plain.ttl('of the namespace'), 60 * MINUTE_MS);
  });

  it('tells a missing key from one that stays forever', async () => {
    for (const each of [cache, plain]) {
      expect(await each.ttl('missing')).toBeUndefined();
      await each.set('forever', 1, { ttl: 'forever' });
      expect(await each.ttl('forever')).toBe('forever');
      expect(await each.has('forever')).toBe(true);
    }
  });

  it('ends: the entry is gone', async () => {
    await cache.set('short', 1, { ttl: 30 });
    await eventually(async () => expect(await cache.get('short')).toBeUndefined());
    expect(await cache.has('short')).toBe(false);
    expect(await cache.ttl('short')).toBeUndefined();
  });

  it('is counted anew by touch, which keeps value and age', async () => {
    for (const each of [cache, plain]) {
      await each.set('touched', 'value', { ttl: '10s' });
      expect(await each.touch('touched', '10m')).toBe(true);
      await expectAbout(each.ttl('touched'), 10 * MINUTE_MS);
      expect(await each.get('touched')).toBe('value');
      expect(await each.touch('touched', 'forever')).toBe(true);
      expect(await each.ttl('touched')).toBe('forever');
      expect(await each.touch('touched')).toBe(true);
      await expectAbout(each.ttl('touched'), each === cache ? 5 * MINUTE_MS : 60 * MINUTE_MS);
      expect(await each.touch('missing')).toBe(false);
    }
  });

  it('stands on every key, unless the caller wrote "forever"', async () => {
    await Promise.all([cache.set('a', 1), cache.getOrSet('b', () => 1), plain.set('c', 1), cache.setMany([['d', 1]])]);
    const { topology } = app.get(RedisConnection);
    const immortal: string[] = [];
    for (const primary of topology.primaries()) {
      for await (const keys of primary.scanStream({ match: `${keyPrefix}:*` }) as AsyncIterable<string[]>) {
        for (const key of keys) if ((await primary.pttl(key)) === -1) immortal.push(key);
      }
    }
    expect(immortal.filter((key) => !/(forever|touched)$/.test(key))).toEqual([]);
  });

  it.each(['0s', 0, -1, Number.NaN, '5 minutes', '', null, {}])('of %p is refused, naming the option', async (ttl) => {
    await expect(cache.set('refused', 1, { ttl: ttl as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'ttl',
    });
    await expect(cache.getOrSet('refused', () => 1, { ttl: ttl as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    expect(await cache.has('refused')).toBe(false);
  });
});
