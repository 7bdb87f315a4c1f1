import { type INestApplicationContext, NotFoundException } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheEvents, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

class SoldOutError extends Error {
  constructor(readonly restock: Date) {
    super('sold out');
    this.name = 'SoldOutError';
  }
}

class VerySoldOutError extends SoldOutError {}

describeEachTopology('remembered errors', ({ connection }) => {
  const keyPrefix = uniquePrefix();
  let app: INestApplicationContext;
  let otherApp: INestApplicationContext;
  let cache: CacheService;
  /** Another process, as far as Redis can tell. */
  let other: CacheService;
  const options = { cacheErrors: [NotFoundException, SoldOutError], errorTtl: '1m' } as const;

  beforeAll(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'json', serializer: 'json' }])];
    app = await startApp({ connection, imports, keyPrefix });
    otherApp = await startApp({ connection, imports, keyPrefix });
    cache = app.get(CacheService);
    other = otherApp.get(CacheService);
  });
  afterAll(() => Promise.all([app.close(), otherApp.close()]));

  /** How many processes have asked for a lease that somebody has. */
  const processesThatWait = async (key: string): Promise<number> => {
    const { topology, client } = app.get(RedisConnection);
    const found = topology.primaries().map((primary) => primary.keys(`${keyPrefix}:cache-lease:*:*${key}`));
    const [lease] = (await Promise.all(found)).flat();
    return lease === undefined ? 0 : (await client.hkeys(lease)).filter((field) => field.startsWith('w')).length;
  };

  const failingWith = (error: Error) => (): Promise<never> => Promise.reject(error);
  const untried = failingWith(new Error('the load was tried again'));

  it('are thrown again, with class, message and properties, and nobody loads', async () => {
    const first = new NotFoundException('no such product', { description: 'gone' });
    await expect(cache.getOrSet('missing', failingWith(first), options)).rejects.toBe(first);
    const again = await cache.getOrSet('missing', untried, options).catch((error: unknown) => error);
    expect(again).toBeInstanceOf(NotFoundException);
    expect(again).toMatchObject({ message: 'no such product', status: 404, response: first.getResponse() });
    expect((again as NotFoundException).getStatus()).toBe(404);
    expect((again as Error).stack).toContain('NotFoundException');

    const restock = new Date(0);
    await cache.getOrSet('sold out', failingWith(new SoldOutError(restock)), options).catch(() => undefined);
    const soldOut = await cache.getOrSet('sold out', untried, options).catch((error: unknown) => error);
    expect(soldOut).toBeInstanceOf(SoldOutError);
    expect(soldOut).toMatchObject({ message: 'sold out', name: 'SoldOutError', restock });
    expect((await cache.explain('sold out')).remainingMs).toBeLessThanOrEqual(60_000);
  });

  it('are no values: nothing else finds them', async () => {
    await cache.getOrSet('absent', failingWith(new NotFoundException()), options).catch(() => undefined);
    expect(await cache.get('absent')).toBeUndefined();
    expect(await cache.getMany(['absent'])).toEqual(new Map());
    expect(await cache.has('absent')).toBe(false);
    expect(await cache.ttl('absent')).toBeUndefined();
    expect(await cache.add('absent', 'present')).toBe(true);
    expect(await cache.getOrSet('absent', untried, options)).toBe('present');
    await cache.getOrSet('taken', failingWith(new NotFoundException()), options).catch(() => undefined);
    expect(await cache.pull('taken')).toBeUndefined();
    await expect(cache.getOrSet('taken', untried, options)).rejects.toThrow('tried again');
  });

  it('are loaded again by those who do not remember them, and evicted like values', async () => {
    await cache.getOrSet('other', failingWith(new NotFoundException()), options).catch(() => undefined);
    expect(await cache.getOrSet('other', () => 'found')).toBe('found');
    await cache
      .getOrSet('tagged', failingWith(new NotFoundException()), { ...options, tags: ['a'] })
      .catch(() => undefined);
    expect(await cache.invalidate({ tags: ['a'] })).toMatchObject({ removed: 1 });
    expect(await cache.getOrSet('tagged', () => 'found', options)).toBe('found');
  });

  it('are of exactly the classes that were named; a load that fails otherwise is tried again', async () => {
    await cache.getOrSet('below', failingWith(new VerySoldOutError(new Date())), options).catch(() => undefined);
    expect(await cache.getOrSet('below', () => 'loaded', options)).toBe('loaded');
    await cache.getOrSet('outage', failingWith(new Error('outage')), options).catch(() => undefined);
    expect(await cache.getOrSet('outage', () => 'loaded', options)).toBe('loaded');
  });

  it('are shared by those who ask at the same time', async () => {
    let loads = 0;
    const load = async (): Promise<never> => {
      loads += 1;
      await new Promise(setImmediate);
      throw new NotFoundException();
    };
    const asked = Array.from({ length: 50 }, () => cache.getOrSet('asked', load, options));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.every((each) => each.status === 'rejected' && each.reason instanceof NotFoundException)).toBe(true);
    expect(loads).toBe(1);
  });

  it('are not prolonged by touch, and explain tells what they are', async () => {
    await cache.getOrSet('touched', failingWith(new NotFoundException()), options).catch(() => undefined);
    expect(await cache.touch('touched', '1h')).toBe(false);
    const { remainingMs, why } = await cache.explain('touched');
    expect(remainingMs).toBeLessThanOrEqual(60_000);
    expect(why).toMatch(/remembered error/);
  });

  it('of a load that began before an eviction do not reach those who come after it', async () => {
    let fail = (): void => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const early = cache.getOrSet(
      'inserted',
      () => {
        begin();
        return new Promise<string>((_, reject) => (fail = () => reject(new NotFoundException())));
      },
      options,
    );
    await begun;
    await other.delete('inserted');
    let missed = 0;
    const stop = app.get(RedisCacheEvents).on('cache:miss', ({ key }) => (missed += key === 'inserted' ? 1 : 0));
    const late = cache.getOrSet('inserted', () => 'the row', options);
    await eventually(() => expect(missed).toBe(1));
    stop();
    fail();
    await expect(early).rejects.toBeInstanceOf(NotFoundException);
    expect(await late).toBe('the row');
  });

  it('that nobody else remembers cost the others one load, in all processes', async () => {
    await cache.getOrSet('mixed', failingWith(new NotFoundException()), options).catch(() => undefined);
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      await eventually(async () => expect(await processesThatWait('mixed')).toBe(1));
      return 'row';
    };
    const asked = [cache, other].flatMap((each) => Array.from({ length: 10 }, () => each.getOrSet('mixed', load)));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['row']));
    expect(loads).toBe(1);
  });

  it('that cannot be stored are thrown, told, and not remembered', async () => {
    const told: unknown[] = [];
    const stop = app.get(RedisCacheEvents).on('cache:unsupported', ({ key }) => told.push(key));
    const strange = new NotFoundException({ retry: () => undefined });
    await expect(cache.getOrSet('strange', failingWith(strange), options)).rejects.toBe(strange);
    stop();
    expect(told).toEqual(['strange']);
    expect(await cache.getOrSet('strange', () => 'loaded', options)).toBe('loaded');
  });

  it('need classes, and a serializer with an envelope', async () => {
    const json = app.get<CacheService>(getCacheToken('json'));
    const refused = { code: 'INVALID_OPTION', option: 'cacheErrors' };
    await expect(json.getOrSet('a', () => 1, options)).rejects.toMatchObject(refused);
    await expect(cache.getOrSet('a', () => 1, { cacheErrors: ['Error' as never] })).rejects.toMatchObject(refused);
    await expect(cache.getOrSet('a', () => 1, { errorTtl: '1s' })).rejects.toMatchObject(refused);
    const twice = { cacheErrors: [SoldOutError, class SoldOutError extends Error {}] };
    await expect(cache.getOrSet('a', () => 1, twice)).rejects.toMatchObject(refused);
    await expect(cache.getOrSet('a', () => 1, { cacheErrors: [(() => 1) as never] })).rejects.toMatchObject(refused);
    await expect(cache.getOrSet('a', () => 1, { ...options, errorTtl: 0 })).rejects.toMatchObject({
      option: 'errorTtl',
    });
  });
});
