import type { INestApplicationContext } from '@nestjs/common';
import { type CacheLoadOptions, CacheService, RedisCacheEvents } from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology, type TestTopology } from '../../support/topologies.js';

interface TestCache {
  readonly app: INestApplicationContext;
  readonly cache: CacheService;
}

interface LoadAcross extends CacheLoadOptions<string> {
  /** What happens while the load runs. */
  readonly during: () => Promise<unknown>;
  readonly cache?: CacheService;
}

/** An application with a namespace of its own for each test. */
async function startCache({ connection }: TestTopology): Promise<TestCache> {
  const app = await startApp({ connection, cache: { namespaces: { other: {} } } });
  return { app, cache: app.get(CacheService) };
}

/** Which of the keys are still there. */
async function remaining(cache: CacheService, keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < keys.length; at += 2_000) {
    found.push(...(await cache.getMany(keys.slice(at, at + 2_000))).keys());
  }
  return found;
}

async function store(cache: CacheService, keys: readonly string[], tags: readonly string[] = []): Promise<void> {
  for (let at = 0; at < keys.length; at += 500) {
    await Promise.all(keys.slice(at, at + 500).map((key) => cache.set(key, key, { tags })));
  }
}

describeEachTopology('invalidate', (topology) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => void ({ app, cache } = await startCache(topology)));
  beforeEach(() => cache.clear());
  afterAll(() => app.close());

  it('by key removes these keys and counts those that were there', async () => {
    await store(cache, ['a', 'b', 'ab']);
    expect(await cache.invalidate({ keys: ['a', 'b', 'b', 'missing'] })).toEqual({ removed: 2, delivered: true });
    expect(await remaining(cache, ['a', 'b', 'ab'])).toEqual(['ab']);
  });

  it.each([
    ['product:*', ['product:1', 'product:22', 'product:']],
    ['product:1*', ['product:1']],
    ['product:?', ['product:1']],
    ['product:*2', ['product:22']],
    ['pro*:1', ['product:1']],
    ['product:1', ['product:1']],
    ['prod[ou]ct:[0-9]', ['product:1']],
    ['*uct:*', ['product:1', 'product:22', 'product:', 'product*uct:']],
    ['product\\**', ['product*uct:']],
    ['продукт:*', ['продукт:1']],
    ['nothing:*', []],
  ])('by the pattern %s removes what matches, and only that', async (pattern, matching) => {
    const keys = ['product:1', 'product:22', 'product:', 'product', 'product*uct:', 'продукт:1', 'review:1'];
    await store(cache, keys);
    expect(await cache.invalidate(pattern)).toEqual({ removed: matching.length, delivered: true });
    expect(await remaining(cache, keys)).toEqual(keys.filter((key) => !matching.includes(key)));
  });

  it('takes glob characters in keys, and in the prefix of withPrefix, as they are', async () => {
    const hostile = ['*', '?', '[a]', '\\', 'a*', 'a?', '[', '{a}*'];
    await store(cache, [...hostile, 'a', 'ab']);
    for (const key of hostile) expect(await cache.invalidate({ keys: [key] })).toMatchObject({ removed: 1 });
    await store(cache, ['[ab]*:1', 'a:1', 'b:1']);
    expect(await cache.withPrefix('[ab]*:').invalidate('*')).toMatchObject({ removed: 1 });
    expect(await remaining(cache, ['[ab]*:1', 'a:1', 'b:1', 'a', 'ab'])).toEqual(['a:1', 'b:1', 'a', 'ab']);
  });

  it('tells that a pattern without a literal prefix is costly, and carries it out', async () => {
    const told: unknown[] = [];
    const end = app.get(RedisCacheEvents).on('cache:costly-pattern', (event) => told.push(event.pattern));
    await store(cache, ['one:end', 'two:end', 'two']);
    expect(await cache.invalidate({ patterns: ['*:end', 'two*'] })).toMatchObject({ delivered: true });
    end();
    expect(told).toEqual(['*:end']);
    expect(await remaining(cache, ['one:end', 'two:end', 'two'])).toEqual([]);
  });

  it('by tag removes what carries it, however it came to carry it', async () => {
    await cache.set('set', 1, { tags: ['tea', 'hot'] });
    await cache.getOrSet('known before', () => 1, { tags: ['tea'] });
    await cache.getOrSet('known after', () => ({ kind: 'tea' }), { tagsFrom: ({ kind }) => [kind] });
    await cache.add('added', 1, { tags: ['tea'] });
    await store(cache, ['tea', 'tea:1'], ['te', 'teas']);
    expect(await cache.invalidate({ tags: ['tea'] })).toEqual({ removed: 4, delivered: true });
    expect(await remaining(cache, ['set', 'known before', 'known after', 'added', 'tea', 'tea:1'])).toEqual([
      'tea',
      'tea:1',
    ]);
  });

  it('goes by the tags an entry has now, not by those it had', async () => {
    await cache.set('moved', 'old', { tags: ['from'] });
    await cache.set('moved', 'new', { tags: ['to'] });
    expect(await cache.invalidate({ tags: ['from'] })).toMatchObject({ removed: 0 });
    expect(await cache.invalidate({ tags: ['to'] })).toMatchObject({ removed: 1 });
  });

  it('covers keys, patterns and tags at once', async () => {
    await store(cache, ['key', 'key:2']);
    await store(cache, ['pattern:1', 'pattern:2']);
    await store(cache, ['t1', 't2'], ['one', 'two']);
    await store(cache, ['t3'], ['two']);
    const result = await cache.invalidate({ keys: ['key'], patterns: ['pattern:*', 'no:*'], tags: ['one', 'two'] });
    expect(result).toEqual({ removed: 6, delivered: true });
    expect(await remaining(cache, ['key', 'key:2', 'pattern:1', 't1', 't2', 't3'])).toEqual(['key:2']);
  });

  it('refuses what it does not know, and patterns that are none', async () => {
    await expect(cache.invalidate({ tag: 'tea' } as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(cache.invalidate('[')).rejects.toMatchObject({ code: 'INVALID_PATTERN' });
    await expect(cache.invalidate({ tags: [''] })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(cache.invalidate({ keys: ['a\0b'] })).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it('leaves other namespaces and other applications alone', async () => {
    const neighbour = await startApp({ connection: topology.connection, keyPrefix: uniquePrefix() });
    const others = [cache.namespace('other'), neighbour.get(CacheService)];
    await Promise.all([cache, ...others].map((each) => store(each, ['key', 'key:1'], ['tag'])));
    await cache.invalidate({ keys: ['key'], patterns: ['*'], tags: ['tag'] });
    await cache.clear();
    for (const other of others) expect(await remaining(other, ['key', 'key:1'])).toEqual(['key', 'key:1']);
    expect(await remaining(cache, ['key', 'key:1'])).toEqual([]);
    await neighbour.close();
  });

  it('of a prefix, and clear() of it, stay inside the prefix', async () => {
    const eu = cache.withPrefix('eu:');
    await store(cache, ['eu:1', 'eu:2', 'eu', 'us:1']);
    expect(await eu.invalidate('1*')).toMatchObject({ removed: 1 });
    expect(await eu.clear()).toEqual({ removed: 1, delivered: true });
    expect(await remaining(cache, ['eu:1', 'eu:2', 'eu', 'us:1'])).toEqual(['eu', 'us:1']);
    expect(await cache.clear()).toEqual({ removed: 2, delivered: true });
  });

  it('removes many slices in every bucket', async () => {
    const few = Array.from({ length: 1_100 }, (_, at) => `few:${at}`);
    // 64 buckets on a cluster, several slices of 250 in each of them
    const many = Array.from({ length: topology.name === 'cluster' ? 20_000 : 1_100 }, (_, at) => `many:${at}`);
    await store(cache, few, ['few']);
    await store(cache, many, ['many']);
    expect(await cache.invalidate({ tags: ['few'] })).toMatchObject({ removed: few.length });
    expect(await cache.invalidate('many:*7')).toMatchObject({ removed: many.length / 10 });
    expect(await cache.invalidate('many:*')).toMatchObject({ removed: many.length * 0.9 });
    await store(cache, few);
    expect(await cache.clear()).toMatchObject({ removed: few.length });
    expect(await remaining(cache, [...few, ...many])).toEqual([]);
  });
});

describeEachTopology('what is being loaded', (topology) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => void ({ app, cache } = await startCache(topology)));
  afterAll(() => app.close());

  /** Loads a key, makes a change while the load runs, and lets the load end. */
  async function loadAcross(key: string, { during, cache: asked = cache, ...options }: LoadAcross): Promise<string> {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    const loading = asked.getOrSet(
      key,
      async () => {
        began();
        await gate;
        return 'old';
      },
      options,
    );
    await begun;
    await during();
    open();
    return loading;
  }

  const changes: [string, CacheLoadOptions<string>, (key: string) => Promise<unknown>][] = [
    ['an eviction of its key', {}, (key) => cache.delete(key)],
    ['an invalidation of its key', {}, (key) => cache.invalidate({ keys: [key] })],
    ['an invalidation of its prefix', {}, (key) => cache.invalidate(`${key.slice(0, -2)}*`)],
    ['an invalidation of a pattern', {}, (key) => cache.invalidate(`*${key.slice(2)}`)],
    ['an invalidation of its tag', { tags: ['a', 'known'] }, () => cache.invalidate({ tags: ['known'] })],
    [
      'an invalidation of a tag it will have',
      { tagsFrom: (value) => [value] },
      () => cache.invalidate({ tags: ['old'] }),
    ],
    ['clear()', { tags: ['a'] }, () => cache.clear()],
    ['clear() of its prefix', {}, (key) => cache.withPrefix(key.slice(0, 4)).clear()],
  ];

  it.each(changes)('is given to its caller and not stored after %s', async (change, options, invalidate) => {
    const key = `load across ${change}`;
    expect(await loadAcross(key, { ...options, during: () => invalidate(key) })).toBe('old');
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.getOrSet(key, () => 'new')).toBe('new');
  });

  // A tag that nobody knew before the load does not end the lease: those who ask wait for the doomed load to end.
  const changesThatEndTheLease = changes.filter(([, { tagsFrom }]) => tagsFrom === undefined);

  it.each(changesThatEndTheLease)('is not given to those who ask after %s', async (change, options, invalidate) => {
    const key = `asked after ${change}`;
    const during = async (): Promise<void> => {
      await invalidate(key);
      expect(await cache.getOrSet(key, () => 'new', options)).toBe('new');
    };
    expect(await loadAcross(key, { ...options, during })).toBe('old');
    expect(await cache.get(key)).toBe('new');
  });

  it.each([
    ['of other keys', () => cache.invalidate({ keys: ['another'], patterns: ['another:*', '*:another'] })],
    ['of a tag it will not have', () => cache.invalidate({ tags: ['another'] })],
    ['in another namespace', () => cache.namespace('other').clear()],
  ])('is stored after an invalidation %s', async (title, during) => {
    const key = `stored ${title}`;
    expect(await loadAcross(key, { tags: ['its own'], during })).toBe('old');
    expect(await cache.get(key)).toBe('old');
  });

  it.each(['set', 'add'] as const)('does not replace what %s() has stated meanwhile', async (operation) => {
    const key = `stated by ${operation}`;
    expect(await loadAcross(key, { during: async () => cache[operation](key, 'stated') })).toBe('old');
    expect(await cache.get(key)).toBe('stated');
  });

  describe('while another process evicts', () => {
    let apps: INestApplicationContext[];
    let here: CacheService;
    let there: CacheService;

    beforeAll(async () => {
      const options = { connection: topology.connection, keyPrefix: uniquePrefix() };
      apps = await Promise.all([1, 2].map(() => startApp(options)));
      [here, there] = apps.map((each) => each.get(CacheService)) as [CacheService, CacheService];
    });
    afterAll(() => Promise.all(apps.map((each) => each.close())));

    const evictions: [string, (key: string) => Promise<unknown>][] = [
      ['the key', (key) => there.delete(key)],
      ['the prefix', (key) => there.invalidate(`${key.slice(0, -1)}*`)],
      ['a tag it will have', () => there.invalidate({ tags: ['old'] })],
    ];

    it.each(evictions)('%s, is neither stored nor given to those who ask later here', async (what, evict) => {
      const key = `elsewhere ${what}`;
      const later: Promise<string>[] = [];
      const during = async (): Promise<void> => {
        await evict(key);
        for (let asked = 0; asked < 5; asked += 1) later.push(here.getOrSet(key, () => 'new'));
        await here.get(key); // by now all of them have looked into the cache, and wait
      };
      expect(await loadAcross(key, { cache: here, tagsFrom: (value) => [value], during })).toBe('old');
      expect(await Promise.all(later)).toEqual(later.map(() => 'new'));
      expect(await there.get(key)).toBe('new');
    });
  });
});
