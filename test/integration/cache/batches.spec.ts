import type { INestApplicationContext } from '@nestjs/common';
import { CacheService } from 'nestjs-redis-cache';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

describeEachTopology('batches', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    app = await startApp({ connection });
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
});
