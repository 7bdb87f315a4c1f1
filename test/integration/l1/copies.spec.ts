import type { INestApplicationContext } from '@nestjs/common';
import { type CacheOptions, CacheService, RedisCacheEvents } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';
import { untilCoherent, untilTold } from '../../support/until-coherent.js';

describeEachTopology('copies in memory', ({ connection }) => {
  let apps: INestApplicationContext[];
  let cache: CacheService;
  let other: CacheService;

  const start = (keyPrefix: string, cacheOptions: CacheOptions) =>
    startApp({ connection, keyPrefix, cache: cacheOptions });

  beforeAll(async () => {
    const keyPrefix = uniquePrefix();
    const options: CacheOptions = {
      l1: true,
      namespaces: { plain: { l1: false }, cloned: { l1: { values: 'cloned' } } },
    };
    apps = [await start(keyPrefix, options), await start(keyPrefix, { ...options })];
    [cache, other] = apps.map((app) => app.get(CacheService)) as [CacheService, CacheService];
    await Promise.all([cache, other].map(untilCoherent));
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  /** Leaves a copy in this process. */
  async function copy(key: string, value: object | string, options: object = {}): Promise<void> {
    await untilTold(cache, () => other.set(key, value, options));
    await eventually(async () => {
      expect(await cache.get(key)).toEqual(value);
      expect((await cache.explain(key)).tier).toBe('l1');
    });
  }

  it('answer without asking Redis', async () => {
    await copy('asked once', { name: 'Tea' });
    const tiers: string[] = [];
    const end = apps[0]!.get(RedisCacheEvents).on('cache:hit', ({ tier }) => tiers.push(tier));
    const { hits } = cache.l1!;
    expect(await cache.get('asked once')).toEqual({ name: 'Tea' });
    expect(await cache.getOrSet('asked once', () => ({ name: 'Coffee' }))).toEqual({ name: 'Tea' });
    expect(await cache.get('asked once', { l1: false })).toEqual({ name: 'Tea' });
    end();
    expect(tiers).toEqual(['l1', 'l1', 'redis']);
    expect(cache.l1!.hits).toBe(hits + 2);
  });

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['delete', (key) => other.delete(key)],
    ['set', (key) => other.set(key, 'new')],
    ['invalidate by key', (key) => other.invalidate({ keys: [key] })],
    ['invalidate by pattern', (key) => other.invalidate(`${key}*`)],
    ['invalidate by tag', (key) => other.invalidate({ tags: [`tag of ${key}`] })],
    ['markStale', (key) => other.markStale(key)],
    ['pull', (key) => other.pull(key)],
    ['touch', (key) => other.touch(key, '1h')],
    ['writeThrough', (key) => other.writeThrough(key, () => 'new')],
    ['a fresh load', (key) => other.getOrSet(key, () => 'new', { fresh: true })],
    ['refresh', (key) => other.refresh(key, () => 'new')],
    ['clear', () => other.clear()],
  ])('go when another process does: %s', async (title, change) => {
    const key = `elsewhere: ${title}`;
    await copy(key, 'old', { tags: [`tag of ${key}`] });
    await change(key);
    await eventually(async () => expect((await cache.explain(key)).tier).not.toBe('l1'));
    expect(await cache.get(key)).toBe(await cache.get(key, { l1: false }));
  });

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['delete', (key) => cache.delete(key)],
    ['set', (key) => cache.set(key, 'new')],
    ['invalidate by pattern', (key) => cache.invalidate(`${key}*`)],
    ['invalidate by tag', (key) => cache.invalidate({ tags: [`tag of ${key}`] })],
    ['markStale', (key) => cache.markStale(key)],
    ['pull', (key) => cache.pull(key)],
    ['writeThrough', (key) => cache.writeThrough(key, () => 'new')],
    ['a fresh load', (key) => cache.getOrSet(key, () => 'new', { fresh: true })],
    ['refresh', (key) => cache.refresh(key, () => 'new')],
    ['clear', () => cache.clear()],
  ])('are gone when it resolves in this process: %s', async (title, change) => {
    const key = `here: ${title}`;
    await copy(key, 'old', { tags: [`tag of ${key}`] });
    await change(key);
    expect(await cache.get(key)).not.toBe('old');
  });

  it('of other tags stay when a tag is invalidated here', async () => {
    await copy('other tag', 'kept', { tags: ['kept'] });
    await copy('this tag', 'gone', { tags: ['gone'] });
    await cache.invalidate({ tags: ['gone'] });
    expect((await cache.explain('other tag')).tier).toBe('l1');
    expect(await cache.get('this tag')).toBeUndefined();
  });

  it('are not left where l1 is off, for counters, nor for remembered errors', async () => {
    const plain = cache.namespace('plain');
    await plain.set('key', 'value');
    await plain.get('key');
    expect(plain.l1).toBeUndefined();
    expect((await plain.explain('key')).tier).toBe('redis');

    await cache.increment('counter');
    await cache.get('counter');
    const failing = (): never => {
      throw new RangeError('no');
    };
    const load = () => cache.getOrSet('failing', failing, { cacheErrors: [RangeError] });
    for (let time = 0; time < 2; time += 1) await expect(load()).rejects.toThrow(RangeError);
    expect((await cache.explain('counter')).tier).toBe('redis');
    expect((await cache.explain('failing')).tier).toBe('redis');
  });

  it('end with their entry', async () => {
    await other.set('short', 'old', { ttl: 500 });
    await cache.get('short');
    await eventually(async () => expect(await cache.get('short')).toBeUndefined());
    expect(await other.get('short', { l1: false })).toBeUndefined();
  });

  it('are not asked in a unit of work whose evictions cover them', async () => {
    await copy('in a unit', 'old', { tags: ['unit'] });
    await cache.unitOfWork(async () => {
      expect(await cache.get('in a unit')).toBe('old');
      await cache.invalidate({ tags: ['unit'] });
      expect(await cache.get('in a unit')).toBeUndefined();
    });
    expect(await cache.get('in a unit')).toBeUndefined();
  });

  it('count what Redis has told', async () => {
    const { invalidations } = cache.l1!;
    await other.set('told', 'value');
    await eventually(() => expect(cache.l1!.invalidations).toBeGreaterThan(invalidations));
  });
});
