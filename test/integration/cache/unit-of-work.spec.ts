import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheEvents, RedisCacheModule } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

const DEFERRED = { removed: 0, delivered: false, deferred: true };

describeEachTopology('a unit of work', ({ connection }) => {
  let app: INestApplicationContext;
  let products: CacheService;
  let reviews: CacheService;

  beforeAll(async () => {
    const imports = [
      RedisCacheModule.forFeature([
        { namespace: 'products' },
        { namespace: 'reviews' },
        { namespace: 'json', serializer: 'json' },
      ]),
    ];
    app = await startApp({ connection, imports });
    products = app.get(getCacheToken('products'));
    reviews = app.get(getCacheToken('reviews'));
  });
  afterAll(() => app.close());

  /** What somebody outside of the unit reads meanwhile: the unit calls it from its inside. */
  function outside<T>(read: () => Promise<T>): () => Promise<T> {
    const asks: ((go: () => void) => void)[] = [];
    const asked = new Promise<() => void>((resolve) => asks.push(resolve));
    const answer = asked.then(async (go) => {
      const value = await read();
      go();
      return value;
    });
    return async () => {
      await new Promise<void>((go) => asks[0]!(go));
      return answer;
    };
  }

  it('evicts when it has settled, in all namespaces, and not before', async () => {
    await products.set('1', 'old', { tags: ['tea'] });
    await products.set('list:1', 'old');
    await products.set('2', 'old', { tags: ['tea'] });
    await reviews.set('1', 'old');
    const readOutside = outside(() => Promise.all([products.get('1'), products.get('2'), reviews.get('1')]));
    const result = await products.unitOfWork(async () => {
      expect(await products.delete('1')).toBe(false);
      expect(await products.invalidate('list:*')).toEqual(DEFERRED);
      expect(await products.invalidate({ tags: ['tea'] })).toEqual(DEFERRED);
      expect(await reviews.clear()).toEqual(DEFERRED);
      expect(await readOutside()).toEqual(['old', 'old', 'old']);
      return 'committed';
    });
    expect(result).toBe('committed');
    expect(await Promise.all([products.get('1'), products.get('2'), products.get('list:1'), reviews.get('1')])).toEqual(
      [undefined, undefined, undefined, undefined],
    );
  });

  it('evicts also when it throws: a throw may hide a commit', async () => {
    await products.set('thrown', 'old');
    const lost = new Error('the reply of the commit is lost');
    await expect(
      products.unitOfWork(async () => {
        await products.delete('thrown');
        throw lost;
      }),
    ).rejects.toBe(lost);
    expect(await products.has('thrown')).toBe(false);
  });

  it('reads inside nothing of what it has evicted, and everything else', async () => {
    await products.set('evicted', 'old', { tags: ['green'] });
    await products.set('tagged', 'old', { tags: ['green'] });
    await products.set('kept', 'kept');
    await products.unitOfWork(async () => {
      await products.delete('evicted');
      expect(await products.get('evicted')).toBeUndefined();
      expect(await products.has('evicted')).toBe(false);
      expect(await products.get('tagged')).toBe('old');
      await products.invalidate({ tags: ['green'] });
      expect(await products.getMany(['evicted', 'tagged', 'kept'])).toEqual(new Map([['kept', 'kept']]));
      expect(await products.getOrSet('kept', () => 'loaded')).toBe('kept');
    });
  });

  it('stores nothing of what is loaded or written inside: it may be rolled back', async () => {
    await products.set('stated', 'before');
    await products
      .unitOfWork(async () => {
        expect(await products.getOrSet('loaded', () => 'uncommitted')).toBe('uncommitted');
        expect(await products.getOrSet('renewed', () => 'uncommitted', { fresh: true })).toBe('uncommitted');
        expect(await products.writeThrough('through', () => 'uncommitted')).toBe('uncommitted');
        expect(await products.refresh('refreshed', () => 'uncommitted')).toBe(false);
        await products.set('stated', 'uncommitted');
        await products.add('added', 'uncommitted');
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    const keys = ['loaded', 'renewed', 'through', 'refreshed', 'stated', 'added'];
    expect(await products.getMany(keys)).toEqual(new Map());
  });

  it('shares no load with those outside', async () => {
    const joins = outside(() => products.getOrSet('shared', () => 'committed'));
    await products.unitOfWork(async () => {
      expect(await products.getOrSet('shared', async () => `uncommitted beside ${await joins()}`)).toBe(
        'uncommitted beside committed',
      );
    });
    expect(await products.get('shared')).toBe('committed');
  });

  it('refuses what is being loaded outside when it settles', async () => {
    let end = (): void => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const loading = products.getOrSet('racing', () => {
      begin();
      return new Promise<string>((resolve) => (end = () => resolve('old')));
    });
    await begun;
    await products.unitOfWork(() => products.delete('racing'));
    end();
    expect(await loading).toBe('old');
    expect(await products.has('racing')).toBe(false);
  });

  it('inside another evicts when it settles, and again when the other does', async () => {
    await products.set('nested', 'old');
    const restores = outside(() => products.set('nested', 'stored between'));
    const sees = outside(() => products.get('nested'));
    await products.unitOfWork(async () => {
      await products.unitOfWork(() => products.delete('nested'));
      expect(await sees()).toBeUndefined();
      await restores();
      expect(await products.get('nested')).toBeUndefined();
    });
    expect(await products.get('nested')).toBeUndefined();
  });

  it('leaves alone those beside it, and work that goes on after it', async () => {
    let late: Promise<boolean> = Promise.resolve(false);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    await Promise.all([
      products.unitOfWork(() => {
        late = gate.then(async () => {
          await products.set('late', 1);
          return products.delete('late');
        });
      }),
      products.unitOfWork(async () => {
        await products.delete('one of two');
        await products.unitOfWork(() => expect(products.get('one of two')).resolves.toBeUndefined());
      }),
      products.set('one of two', 1).then(async () => expect(await products.get('beside')).toBeUndefined()),
    ]);
    go();
    expect(await late).toBe(true);
  });

  it('evicts after a write that nobody awaited and that ends after it', async () => {
    let end = (): void => undefined;
    const gate = new Promise<void>((resolve) => (end = resolve));
    let row = 'old';
    let written: Promise<unknown> = Promise.resolve();
    await products.unitOfWork(() => {
      written = products.writeThrough('unawaited', async () => {
        await gate;
        row = 'new';
        return row;
      });
    });
    expect(await products.getOrSet('unawaited', () => row)).toBe('old');
    end();
    await written;
    expect(await products.getOrSet('unawaited', () => row)).toBe('new');
  });

  it('lets nobody read, pull or ask for what it covers', async () => {
    await products.set('covered', 'old', { tags: ['covering'] });
    await products.set('pulled', 'old');
    await products.unitOfWork(async () => {
      await products.invalidate({ tags: ['covering'] });
      await products.delete('pulled');
      expect([await products.has('covered'), await products.ttl('covered')]).toEqual([false, undefined]);
      expect(await products.pull('pulled')).toBeUndefined();
    });
  });

  it('settles what must settle also beside a clear', async () => {
    await products.unitOfWork(async () => {
      await products.delete('lagging', { settle: '1m' });
      await products.clear();
    });
    await products.getOrSet('lagging', () => 'from the replica');
    expect(await products.has('lagging')).toBe(false);
  });

  it('gives what later callers would get, also where the serializer does not keep everything', async () => {
    const json = app.get<CacheService>(getCacheToken('json'));
    const load = (): { at: unknown } => ({ at: new Date(0) });
    const inside = await json.unitOfWork(() => json.getOrSet('dated', load));
    expect(inside).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(await json.bypass(() => json.getOrSet('dated', load))).toEqual(inside);
  });

  it('refuses wrong targets at once', async () => {
    await products.unitOfWork(async () => {
      await expect(products.invalidate({ tags: ['', 'a'] })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      await expect(products.invalidate('[')).rejects.toMatchObject({ code: 'INVALID_PATTERN' });
      await expect(products.delete('a\0b')).rejects.toMatchObject({ code: 'INVALID_KEY' });
      await expect(products.set('a', Symbol('a'))).rejects.toMatchObject({ code: 'UNSUPPORTED_VALUE' });
    });
  });

  it('takes more tags than one entry may have', async () => {
    const tags = Array.from({ length: 300 }, (_, at) => `tag:${at}`);
    await Promise.all(tags.map((tag) => products.set(tag, 1, { tags: [tag] })));
    await products.unitOfWork(() => Promise.all(tags.map((tag) => products.invalidate({ tags: [tag] }))));
    expect(await products.getMany(tags)).toEqual(new Map());
  });
});

describeEachTopology('bypass', ({ connection }) => {
  it('reads and loads as if there was no cache, and lets changes through', async () => {
    const app = await startApp({ connection, imports: [RedisCacheModule.forFeature([{ namespace: 'products' }])] });
    const cache = app.get<CacheService>(getCacheToken('products'));
    await cache.set('1', 'cached');
    const seen = await cache.bypass(async () => {
      await cache.set('2', 'stated');
      await cache.delete('3');
      return [await cache.get('1'), await cache.getOrSet('1', () => 'loaded'), await cache.has('1')];
    });
    expect(seen).toEqual([undefined, 'loaded', false]);
    expect(await cache.getMany(['1', '2'])).toEqual(
      new Map([
        ['1', 'cached'],
        ['2', 'stated'],
      ]),
    );
    await cache.bypass(() => cache.unitOfWork(() => cache.delete('1')));
    expect(await cache.has('1')).toBe(false);
    await cache.unitOfWork(() => cache.bypass(() => cache.delete('2')));
    expect(await cache.has('2')).toBe(false);
    await app.close();
  });
});

describe('a unit of work whose evictions Redis does not carry out', () => {
  it('settles as its work did, and tells them in an event', async () => {
    const server = await launchServer({ quiet: true });
    const app = await startApp({ connection: { url: server.url } });
    const cache = app.get(CacheService);
    const told: unknown[] = [];
    app.get(RedisCacheEvents).on('cache:eviction-failed', ({ target }) => told.push(target));
    const done = await cache.unitOfWork(async () => {
      await cache.invalidate({ keys: ['a'], patterns: ['b*'], tags: ['c'] });
      await server.stop();
      return 'committed';
    });
    expect(done).toBe('committed');
    expect(told).toEqual([{ keys: ['a'], patterns: ['b*'], tags: ['c'] }]);
    await app.close();
  });
});
