import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { startApp } from '../../support/test-app.js';
import { testTopologies } from '../../support/topologies.js';
import { untilCoherent, untilCopied, untilTold } from '../../support/until-coherent.js';

class Product {
  constructor(readonly name: string) {}
}

const cycle: { name: string; self?: unknown } = { name: 'cycle' };
cycle.self = cycle;

const TREE = { id: 1, tags: ['tea', { colour: 'green' }], nothing: null };
/** Each may be changed where it stands, or stands in two places. */
const OTHERS: [string, object][] = [
  ['a Date', { at: new Date(0) }],
  ['a Map', { map: new Map([['a', { b: 1 }]]) }],
  ['a Set', { set: new Set([1]) }],
  ['a Buffer', { bytes: Buffer.from('tea') }],
  ['a typed array', { numbers: new Float64Array([1, 2]) }],
  ['a URL', { url: new URL('https://example.org/tea') }],
  ['an Error', { error: new RangeError('no') }],
  ['a class', { product: new Product('Tea') }],
  ['a cycle', cycle],
];

describe('values with copies in memory', () => {
  let app: INestApplicationContext;
  let frozen: CacheService;
  let cloned: CacheService;

  beforeAll(async () => {
    const { connection } = testTopologies()[0]!;
    const cache = { l1: true, classes: [Product], namespaces: { cloned: { l1: { values: 'cloned' } } } } as const;
    app = await startApp({ connection, cache });
    frozen = app.get(CacheService);
    cloned = frozen.namespace('cloned');
    await Promise.all([frozen, cloned].map(untilCoherent));
  });
  afterAll(() => app.close());

  /** From the load, from Redis, and twice from memory. */
  async function fromEverywhere(cache: CacheService, key: string, value: object): Promise<object[]> {
    const loaded = await untilTold(cache, () => cache.getOrSet<object>(key, () => value));
    const stored = (await cache.get<object>(key, { l1: false }))!;
    await untilCopied(cache, key);
    const { hits } = cache.l1!;
    const copies = [(await cache.get<object>(key))!, await cache.getOrSet<object>(key, () => ({}))];
    expect(cache.l1!.hits).toBe(hits + 2);
    return [loaded, stored, ...copies];
  }

  it('that are plain are frozen to their leaves, from the load, from Redis and from memory, where they are shared', async () => {
    const own = structuredClone(TREE);
    const all = (await fromEverywhere(frozen, 'tree', own)) as (typeof TREE)[];
    for (const each of all) {
      expect(each).toEqual(TREE);
      expect([each, each.tags, each.tags[1]].every((part) => Object.isFrozen(part))).toBe(true);
    }
    expect(all[2]).toBe(all[3]);
    expect(Object.isFrozen(own)).toBe(false);
    expect(all).not.toContain(own);
  });

  it('that are plain are frozen for all who share a load, and where nothing is stored', async () => {
    const load = async () => ({ name: 'Tea' });
    const joined = await Promise.all([1, 2, 3].map(() => frozen.getOrSet('joined', load)));
    const apart = [
      await frozen.bypass(() => frozen.getOrSet('joined', load)),
      await frozen.unitOfWork(() => frozen.getOrSet('unit', load)),
    ];
    expect([...joined, ...apart].every((each) => Object.isFrozen(each))).toBe(true);
  });

  it.each(OTHERS)('that hold %s are decoded for each read', async (title, value) => {
    const all = await fromEverywhere(frozen, title, value);
    for (const each of all) {
      expect(each).toEqual(value);
      expect(Object.isFrozen(each)).toBe(false);
    }
    expect(new Set([value, ...all]).size).toBe(5);
  });

  it.each([['a tree', TREE] as [string, object], ...OTHERS])(
    "are everybody's own with 'cloned': %s",
    async (title, value) => {
      const all = await fromEverywhere(cloned, title, value);
      for (const each of all) {
        expect(each).toEqual(value);
        expect(Object.isFrozen(each)).toBe(false);
      }
      expect(new Set(all.slice(1)).size).toBe(3);
    },
  );

  it('that cannot be stored are returned as they are', async () => {
    const value = { run: () => 'tea' };
    expect(await frozen.getOrSet('unsupported', () => value)).toBe(value);
    expect(await frozen.bypass(() => frozen.getOrSet('unsupported', () => value))).toBe(value);
  });

  it('that are falsy are copied too', async () => {
    for (const value of [0, '', false, null]) {
      await untilTold(frozen, () => frozen.set('falsy', value));
      await untilCopied(frozen, 'falsy');
      expect(await frozen.get('falsy')).toBe(value);
    }
  });

  it.each([
    ['cache', { serializer: 'json', l1: true }, 'cache.l1'],
    [
      'a namespace that inherits it',
      { l1: true, namespaces: { plain: { serializer: 'json' } } },
      'cache.namespaces.plain.l1',
    ],
  ] as const)('are refused with the json serialiser: %s', (_, cache, option) => {
    const { connection } = testTopologies()[0]!;
    return expect(startApp({ connection, cache })).rejects.toThrow(option);
  });

  it.each([
    ['l1', 'yes'],
    ['l1.maxEntries', { maxEntries: 0 }],
    ['l1.maxBytes', { maxBytes: 1.5 }],
    ['l1.values', { values: 'shared' }],
    ['l1.size', { size: 1 }],
  ])('with a wrong %s stop the boot', (option, l1) => {
    const { connection } = testTopologies()[0]!;
    const imports = [RedisCacheModule.forFeature([{ namespace: 'products', l1: l1 as never }])];
    return expect(startApp({ connection, imports })).rejects.toThrow(`forFeature(products).${option}`);
  });

  it('are not switched on by a call', async () => {
    await expect(frozen.get('key', { l1: true as never })).rejects.toThrow('l1');
  });
});
