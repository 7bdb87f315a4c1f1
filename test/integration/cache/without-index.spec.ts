import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology, testTopologies } from '../../support/topologies.js';

async function namesIn({ topology }: RedisConnection, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for (const primary of topology.primaries()) {
    for await (const found of primary.scanStream({ match: `${prefix}:*` }) as AsyncIterable<string[]>)
      names.push(...found);
  }
  return names;
}

describeEachTopology('a namespace without an index', ({ connection }) => {
  const keyPrefix = uniquePrefix();
  const imports = [RedisCacheModule.forFeature([{ namespace: 'bare', index: false }])];
  let app: INestApplicationContext;
  let bare: CacheService;
  let root: CacheService;

  beforeAll(async () => {
    app = await startApp({ connection, keyPrefix, imports });
    bare = app.get(getCacheToken('bare'));
    root = app.get(CacheService);
  });
  afterAll(() => app.close());

  it('stores, loads once, evicts by key, and keeps no index', async () => {
    await bare.set('one', 1);
    expect(await bare.getOrSet('two', () => 2)).toBe(2);
    expect(await bare.get('one')).toBe(1);
    expect(await bare.delete('one')).toBe(true);
    expect(await bare.invalidate({ keys: ['two', 'three'] })).toEqual({ removed: 1, delivered: true });
    await bare.increment('count');
    const names = await namesIn(app.get(RedisConnection), keyPrefix);
    expect(names.filter((name) => name.includes(':cache-index:bare:')).map((name) => name.split(':').at(-1))).toEqual([
      'shape',
    ]);
  });

  it('refuses patterns and tags, and says why', async () => {
    const because = expect.stringContaining('index: false');
    const refused = { code: 'INVALID_OPTION', message: because };
    await expect(bare.invalidate('one*')).rejects.toMatchObject(refused);
    await expect(bare.invalidate({ tags: ['a'] })).rejects.toMatchObject(refused);
    await expect(bare.set('one', 1, { tags: ['a'] })).rejects.toMatchObject(refused);
    await expect(bare.getOrSet('one', () => 1, { tagsFrom: () => ['a'] })).rejects.toMatchObject(refused);
  });

  it('lists, counts and clears by scanning, and touches nobody else', async () => {
    await bare.clear();
    await root.set('kept', 1);
    await Promise.all(Array.from({ length: 1_200 }, (_, at) => bare.set(`key:${at}`, at)));
    const listed: string[] = [];
    for await (const { key, bytes } of bare.keys('key:11*')) {
      expect(bytes).toBeGreaterThan(26);
      listed.push(key);
    }
    expect(new Set(listed).size).toBe(111);
    expect(await bare.size()).toBeGreaterThanOrEqual(1_200);
    expect(await bare.clear()).toEqual({ removed: 1_200, delivered: true });
    expect(await bare.size()).toBe(0);
    expect(await root.get('kept')).toBe(1);
  });

  it('clear refuses what is being loaded', async () => {
    let end = (): void => undefined;
    let begun = (): void => undefined;
    const begins = new Promise<void>((resolve) => (begun = resolve));
    const loading = bare.getOrSet('loading', () => {
      begun();
      return new Promise<string>((resolve) => (end = () => resolve('old')));
    });
    await begins;
    await bare.clear();
    end();
    expect(await loading).toBe('old');
    expect(await bare.has('loading')).toBe(false);
    expect(await bare.getOrSet('loading', () => 'new')).toBe('new');
    expect(await bare.get('loading')).toBe('new');
  });

  it('stops the boot of a process that gives the namespace another shape', async () => {
    const other = RedisCacheModule.forFeature([{ namespace: 'bare' }]);
    await expect(startApp({ connection, keyPrefix, imports: [other] })).rejects.toMatchObject({
      code: 'NAMESPACE_SHAPE',
      message: expect.stringMatching(/"bare".*index true.*index false/),
    });
    await (await startApp({ connection, keyPrefix, imports })).close();
  });
});

// On a cluster a key lies in the bucket of its name, which others do not compute.
describe('keys that others wrote', () => {
  const { connection } = testTopologies()[0]!;
  let app: INestApplicationContext;
  let cache: CacheService;
  const keyPrefix = uniquePrefix();

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'json', serializer: 'json' }])];
    app = await startApp({ connection, keyPrefix, imports });
    cache = app.get(getCacheToken('json'));
  });
  afterAll(() => app.close());

  it('are found and removed with scan, and not without', async () => {
    await cache.clear();
    await app.get(RedisConnection).client.set(`${keyPrefix}:cache:json:foreign:1`, '{"by":"python"}');
    await cache.set('foreign:2', 2);
    const found = async (options: { scan: boolean }): Promise<string[]> => {
      const names: string[] = [];
      for await (const { key } of cache.keys('foreign:*', options)) names.push(key);
      return names.sort();
    };
    expect(await found({ scan: false })).toEqual(['foreign:2']);
    expect(await found({ scan: true })).toEqual(['foreign:1', 'foreign:2']);
    expect(await cache.get('foreign:1')).toEqual({ by: 'python' });
    await cache.invalidate('foreign:*');
    expect(await found({ scan: true })).toEqual(['foreign:1']);
    await cache.invalidate('foreign:*', { scan: true });
    expect(await found({ scan: true })).toEqual([]);
  });
});
