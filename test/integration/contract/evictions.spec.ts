import { type CacheService } from 'nestjs-redis-cache';
import { describeEachSubject } from './subjects.js';

describeEachSubject('the contract of CacheService: evictions', (begun) => {
  let cache: CacheService;
  let products: CacheService;

  beforeAll(() => void ({ cache, products } = begun()));

  it('evicts by key, pattern and tag, each entry counted once', async () => {
    await cache.set('list:1', 1, { tags: ['tea'] });
    await cache.set('list:2', 2);
    await cache.set('item', 3, { tags: ['tea', 'green'] });
    await cache.set('list[1]', 4);
    expect(await cache.invalidate('list[[]1]')).toMatchObject({ removed: 1 });
    expect(await cache.invalidate({ keys: ['item', 'none'], tags: ['green'] })).toMatchObject({ delivered: true });
    expect(await cache.getMany(['list:1', 'list:2', 'item'])).toEqual(
      new Map([
        ['list:1', 1],
        ['list:2', 2],
      ]),
    );
    expect(await cache.invalidate('list:?')).toEqual({ removed: 2, delivered: true });
    await expect(cache.invalidate('[')).rejects.toMatchObject({ code: 'INVALID_PATTERN' });
    await expect(cache.invalidate({ tags: [''] })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('forgets the tags of what is overwritten', async () => {
    await cache.set('retagged', 1, { tags: ['before'] });
    await cache.set('retagged', 2, { tags: ['after'] });
    expect(await cache.invalidate({ tags: ['before'] })).toMatchObject({ removed: 0 });
    expect(await cache.invalidate({ tags: ['after'] })).toMatchObject({ removed: 1 });
  });

  it('writes through: evicts before, stores after, and not when somebody evicts meanwhile', async () => {
    await cache.set('row', 'before');
    const during: unknown[] = [];
    await cache.writeThrough('row', async () => {
      during.push(await cache.get('row'), await cache.getOrSet('row', () => 'uncommitted?'));
      return 'after';
    });
    expect([...during, await cache.get('row')]).toEqual([undefined, 'uncommitted?', 'after']);
    await cache.writeThrough('row', async () => {
      await cache.delete('row');
      return 'mine';
    });
    expect(await cache.has('row')).toBe(false);
    await cache.set('row', 'before');
    const failure = new Error('the database said no');
    await expect(cache.writeThrough('row', () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await cache.has('row')).toBe(false);
  });

  it('evicts when a unit of work has settled, also when it throws, and stores nothing inside', async () => {
    await cache.set('evicted', 'old', { tags: ['unit'] });
    await products.set('evicted', 'old');
    await cache
      .unitOfWork(async () => {
        expect(await cache.invalidate({ tags: ['unit'] })).toEqual({ removed: 0, delivered: false, deferred: true });
        expect(await products.delete('evicted')).toBe(false);
        expect([await cache.get('evicted'), await products.has('evicted')]).toEqual([undefined, false]);
        await cache.getOrSet('loaded inside', () => 'uncommitted');
        await cache.set('stated inside', 'uncommitted');
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(await cache.getMany(['evicted', 'loaded inside', 'stated inside'])).toEqual(new Map());
    expect(await products.has('evicted')).toBe(false);
  });
});
