import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

describeEachTopology('batches', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'warmed' }])];
    app = await startApp({ connection, imports });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  it('get what is there, null included, and leave out what is not', async () => {
    await cache.setMany(
      new Map<string, unknown>([
        ['a', 1],
        ['b', null],
      ]) as Map<string, number | null>,
    );
    expect(await cache.getMany(['a', 'b', 'c', 'a'])).toEqual(
      new Map<string, unknown>([
        ['a', 1],
        ['b', null],
      ]),
    );
    expect(await cache.getMany([])).toEqual(new Map());
  });

  it('delete what is there and count it', async () => {
    await cache.setMany([
      ['x', 1],
      ['y', 2],
    ]);
    expect(await cache.deleteMany(['x', 'y', 'z', 'x'])).toBe(2);
    expect(await cache.deleteMany([])).toBe(0);
  });

  it('store the good ones and throw the refusal of the bad one', async () => {
    const entries: [string, unknown][] = [
      ['good', 1],
      ['bad', () => 1],
      ['better', 2],
    ];
    await expect(cache.setMany(entries as [string, number][])).rejects.toMatchObject({ code: 'UNSUPPORTED_VALUE' });
    expect(await cache.getMany(['good', 'bad', 'better'])).toEqual(
      new Map([
        ['good', 1],
        ['better', 2],
      ]),
    );
  });

  it('warm loads what is not there, a few at a time, and tries all before it throws', async () => {
    const other = cache.namespace('warmed');
    await other.set('0', 'stated');
    let [underWay, most, loads] = [0, 0, 0];
    const load = async (at: number): Promise<string> => {
      loads += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      if (at === 1) throw new Error('no row 1');
      return `row ${at}`;
    };
    const entries = Array.from({ length: 100 }, (_, at) => [String(at), () => load(at)] as const);
    await expect(cache.warm('warmed', entries)).rejects.toThrow('no row 1');
    expect(loads).toBe(99);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(20);
    const found = await other.getMany(entries.map(([key]) => key));
    expect([found.size, found.get('0'), found.get('99')]).toEqual([99, 'stated', 'row 99']);
    await expect(cache.warm('undeclared', [])).rejects.toMatchObject({ code: 'UNKNOWN_NAMESPACE' });
  });
});
