import type { INestApplicationContext } from '@nestjs/common';
import {
  type CacheKeyInfo,
  CacheService,
  getCacheToken,
  RedisCacheEvents,
  RedisCacheModule,
  RedisConnection,
} from 'nestjs-redis-cache';
import { damage } from '../../support/damage.js';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

/** A promise that the test settles. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describeEachTopology('operations', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'json', serializer: 'json' }, { namespace: 'listed' }])];
    app = await startApp({ connection, imports });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  it('add stores only where nothing is', async () => {
    expect(await cache.add('added', null)).toBe(true);
    expect(await cache.add('added', 2)).toBe(false);
    expect(await cache.get('added')).toBeNull();
    await cache.markStale('added');
    expect(await cache.add('added', 3)).toBe(true);
    const stored = await Promise.all(Array.from({ length: 20 }, (_, at) => cache.add('contended', at)));
    expect(stored.filter(Boolean)).toHaveLength(1);
  });

  it('pull takes a value out, for one caller only', async () => {
    await cache.set('ticket', { seat: 1 });
    const pulled = await Promise.all(Array.from({ length: 10 }, () => cache.pull('ticket')));
    expect(pulled.filter((value) => value !== undefined)).toEqual([{ seat: 1 }]);
    expect(await cache.has('ticket')).toBe(false);
  });

  it('increment counts, keeps the end of a counter, and get reads it', async () => {
    expect(await cache.increment('visits', 1, { ttl: '10m' })).toBe(1);
    const counts = await Promise.all(Array.from({ length: 50 }, () => cache.increment('visits', 2)));
    expect(new Set(counts).size).toBe(50);
    expect(await cache.get('visits')).toBe(101);
    expect(await cache.increment('visits', -102)).toBe(-1);
    expect(await cache.get('visits')).toBe(-1);
    expect(await cache.ttl('visits')).toBeLessThanOrEqual(600_000);
    expect((await cache.explain('visits')).state).toBe('fresh');
    expect((await cache.invalidate('visit*')).removed).toBe(1);
    await expect(cache.increment('visits', 0.5)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await cache.set('text', 'no counter');
    await expect(cache.increment('text')).rejects.toMatchObject({ code: 'REDIS_REPLY' });
    expect(await cache.get('text')).toBe('no counter');
  });

  it('markStale ends the freshness: the next getOrSet loads', async () => {
    for (const each of [cache, app.get<CacheService>(getCacheToken('json'))]) {
      await each.set('stale', 'old');
      expect(await each.markStale('stale')).toBe(true);
      expect(await each.get('stale')).toBeUndefined();
      expect(await each.has('stale')).toBe(false);
      expect(await each.getOrSet('stale', () => 'new')).toBe('new');
      expect(await each.get('stale')).toBe('new');
      expect(await each.markStale('never there')).toBe(false);
    }
  });

  it.each(['set', 'delete', 'pull', 'increment', 'markStale', 'add'] as const)(
    '%s voids what is being loaded',
    async (operation) => {
      const key = `voided by ${operation}`;
      const loading = gate();
      const loaderRuns = gate();
      const loaded = cache.getOrSet(key, async () => {
        loaderRuns.open();
        await loading.opened;
        return 'old';
      });
      await loaderRuns.opened;
      if (operation === 'set') await cache.set(key, 'stated');
      else if (operation === 'add') await cache.add(key, 'stated');
      else await cache[operation](key);
      loading.open();
      expect(await loaded).toBe('old');
      expect(await cache.get(key)).not.toBe('old');
    },
  );

  it('writeThrough evicts before the write and stores after it', async () => {
    await cache.set('row', 'before');
    const during: unknown[] = [];
    const written = await cache.writeThrough('row', async () => {
      during.push(await cache.get('row'), (await cache.explain('row')).lease?.kind);
      return 'after';
    });
    expect(during).toEqual([undefined, 'put']);
    expect(written).toBe('after');
    expect(await cache.get('row')).toBe('after');
    expect((await cache.explain('row')).lease).toBeNull();
  });

  it('writeThrough removes the entry when somebody evicts meanwhile', async () => {
    await cache.writeThrough('contested', async () => {
      await cache.delete('contested');
      return 'mine';
    });
    expect(await cache.get('contested')).toBeUndefined();
  });

  it('writeThrough that fails leaves nothing behind and frees the key', async () => {
    await cache.set('failing', 'before');
    const failure = new Error('the database said no');
    await expect(cache.writeThrough('failing', () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await cache.getOrSet('failing', () => 'from the source')).toBe('from the source');
  });

  it('readers who meet a writeThrough load for themselves, and store nothing', async () => {
    await cache.writeThrough('written', async () => {
      expect(await cache.getOrSet('written', () => 'uncommitted?')).toBe('uncommitted?');
      return 'committed';
    });
    expect(await cache.get('written')).toBe('committed');
  });

  it('wrap answers from the cache, by the key of the arguments', async () => {
    let calls = 0;
    const rateOf = cache.wrap(async (from: string, to: string) => `${from}/${to} ${++calls}`, {
      key: (from, to) => `rate:${from}:${to}`,
      tags: ['rates'],
    });
    expect([await rateOf('EUR', 'USD'), await rateOf('EUR', 'USD'), await rateOf('USD', 'EUR')]).toEqual([
      'EUR/USD 1',
      'EUR/USD 1',
      'USD/EUR 2',
    ]);
    expect(await cache.invalidate({ tags: ['rates'] })).toEqual({ removed: 2, delivered: true });
  });

  it('explain tells an entry of another version', async () => {
    await cache.set('foreign', 'value');
    await damage(app.get(RedisConnection), 'foreign', { at: 0 });
    expect(await cache.explain('foreign')).toMatchObject({ tier: 'none', state: 'unreadable', tags: [] });
    expect(await cache.get('foreign')).toBeUndefined();
  });

  it('explain says why a read hits or misses', async () => {
    expect(await cache.explain('unknown')).toMatchObject({ tier: 'none', state: 'missing', lease: null, bytes: 0 });
    await cache.set('known', 'value', { ttl: '1h', tags: ['a', 'b'] });
    const known = await cache.explain('known');
    expect(known).toMatchObject({ tier: 'redis', state: 'fresh', tags: ['a', 'b'], lease: null });
    expect(known.ageMs).toBeGreaterThanOrEqual(0);
    expect(known.remainingMs).toBeLessThanOrEqual(3_600_000);
    await cache.getOrSet('loading', async () => {
      const { state, lease, why } = await cache.explain('loading');
      expect({ state, kind: lease?.kind, heldBy: lease?.heldBy }).toEqual({
        state: 'missing',
        kind: 'load',
        heldBy: expect.stringMatching(new RegExp(`:${process.pid}$`)),
      });
      expect(why).toContain('loading it for');
      return 1;
    });
  });

  it('keys and size walk over the namespace', async () => {
    const listed = app.get<CacheService>(getCacheToken('listed'));
    const names = Array.from({ length: 600 }, (_, at) => `item:${at}`);
    await listed.setMany(names.map((name) => [name, 'x'] as const));
    await listed.set('other', 'y', { ttl: 'forever' });
    const found: CacheKeyInfo[] = [];
    for await (const info of listed.keys('item:*')) found.push(info);
    expect(new Set(found.map(({ key }) => key))).toEqual(new Set(names));
    expect(found.every(({ ttl, bytes }) => typeof ttl === 'number' && ttl > 0 && bytes > 26)).toBe(true);
    expect(await listed.size()).toBe(601);

    const narrowed: CacheKeyInfo[] = [];
    for await (const info of listed.withPrefix('item:5').keys('9?')) narrowed.push(info);
    expect(narrowed.map(({ key }) => key).sort()).toEqual(Array.from({ length: 10 }, (_, at) => `9${at}`));

    expect(await listed.clear()).toEqual({ removed: 601, delivered: true });
    expect(await listed.size()).toBe(0);
  });

  it('clearAll clears every namespace of the application and nothing else', async () => {
    const other = await startApp({ connection });
    await other.get(CacheService).set('theirs', 1);
    await Promise.all([cache.set('ours', 1), cache.namespace('json').set('ours', 1)]);
    expect((await cache.clearAll()).removed).toBeGreaterThanOrEqual(2);
    expect([await cache.size(), await cache.namespace('json').size()]).toEqual([0, 0]);
    expect(await other.get(CacheService).get('theirs')).toBe(1);
    await other.close();
  });

  it.each([
    ['gives nothing', () => undefined],
    ['gives what cannot be stored', () => Symbol('row')],
    ['throws', () => Promise.reject(new Error('the database is away'))],
  ])('writeThrough removes what came in between when the write %s', async (_, outcome) => {
    const key = `between ${String(outcome)}`;
    await cache
      .writeThrough<unknown>(key, async () => {
        await cache.set(key, 'older');
        return outcome();
      })
      .catch(() => undefined);
    expect(await cache.get(key)).toBeUndefined();
    expect((await cache.explain(key)).lease).toBeNull();
  });

  it('ttl, tags and whether a value is stored may depend on the value', async () => {
    const options = {
      ttl: ({ size }: { size: number }) => size * 60_000,
      tagsFrom: ({ size }: { size: number }) => [`size:${size}`],
      unless: ({ size }: { size: number }) => size === 0,
    };
    for (const store of ['getOrSet', 'writeThrough'] as const) {
      await cache.delete('sized');
      expect(await cache[store]('sized', () => ({ size: 0 }), options)).toEqual({ size: 0 });
      expect(await cache.has('sized')).toBe(false);
      await cache[store]('sized', () => ({ size: 2 }), options);
      expect(await cache.ttl('sized')).toBeGreaterThan(60_000);
      expect(await cache.ttl('sized')).toBeLessThanOrEqual(120_000);
      expect(await cache.invalidate({ tags: ['size:2'] })).toMatchObject({ removed: 1 });
    }
  });

  it('getOrSet with fresh loads although there is a value, and replaces it', async () => {
    await cache.set('renewed', 'old');
    expect(await cache.getOrSet('renewed', () => 'new', { fresh: true })).toBe('new');
    expect(await cache.get('renewed')).toBe('new');
  });

  it('pull takes out what cannot be read, as a miss that is told', async () => {
    const told: string[] = [];
    const stop = app.get(RedisCacheEvents).on('cache:undecodable', ({ key }) => told.push(key));
    const json = app.get<CacheService>(getCacheToken('json'));
    await json.set('ruined', 'value');
    await damage(app.get(RedisConnection), 'ruined');
    expect(await json.pull('ruined')).toBeUndefined();
    stop();
    expect(told).toEqual(['ruined']);
    expect(await json.has('ruined')).toBe(false);
  });

  it('refuses tags that scripts could not read, and tags without an envelope', async () => {
    const tooMany = Array.from({ length: 65 }, (_, at) => `tag:${at}`);
    for (const tags of [[''], ['a\0b'], ['\ud800'], [1], tooMany, ['x'.repeat(5_000)]]) {
      await expect(cache.set('tagged', 1, { tags: tags as string[] })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
    }
    const json = cache.namespace('json');
    await expect(json.set('tagged', 1, { tags: ['a'] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'tags',
    });
    await expect(json.getOrSet('tagged', () => 1, { tagsFrom: () => ['a'] })).rejects.toMatchObject({
      option: 'tagsFrom',
    });
    await expect(cache.getMany('abc')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});
