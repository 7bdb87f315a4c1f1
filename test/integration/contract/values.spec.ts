import { type CacheService, UnsupportedValueError } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { describeEachSubject, Product, type Subject } from './subjects.js';

describeEachSubject('the contract of CacheService: values and times', (begun) => {
  let subject: Subject;
  let cache: CacheService;
  let products: CacheService;

  beforeAll(() => {
    subject = begun();
    ({ cache, products } = subject);
  });

  it.each([
    ['null', null],
    ['zero', 0],
    ['minus zero', -0],
    ['false', false],
    ['the empty text', ''],
    ['NaN', Number.NaN],
    ['a big integer', 2n ** 70n],
    ['a map with a date', new Map([['at', new Date(0)]])],
    ['bytes', Buffer.from([0, 255])],
  ])('gives back %s as it was', async (name, value) => {
    await cache.set(name, value);
    expect(await cache.get(name)).toStrictEqual(value);
    expect(await cache.has(name)).toBe(true);
  });

  it('tells nothing from null, and refuses undefined and what it cannot keep', async () => {
    expect(await cache.get('nothing')).toBeUndefined();
    await expect(cache.set('undefined', undefined as never)).rejects.toBeInstanceOf(UnsupportedValueError);
    await expect(cache.set('class', new Product(1, new Set()))).rejects.toThrow('classes: [Product]');
    await expect(cache.set('a\0b', 1)).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expect(cache.get('a\0b')).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it('gives each reader a copy of its own, of registered classes too', async () => {
    const product = new Product(1, new Set(['tea']));
    await products.set('1', product);
    product.tags.add('changed');
    const [one, other] = await Promise.all([products.get<Product>('1'), products.get<Product>('1')]);
    expect(one).toStrictEqual(new Product(1, new Set(['tea'])));
    expect(one).toBeInstanceOf(Product);
    expect(one).not.toBe(other);
  });

  it('gives json what readers of json get', async () => {
    const json = cache.namespace('json');
    expect(await json.getOrSet('at', () => ({ at: new Date(0) }))).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    await expect(json.set('at', 1, { tags: ['a'] })).rejects.toMatchObject({ option: 'tags' });
    expect(await json.markStale('at')).toBe(true);
    expect(await json.has('at')).toBe(false);
  });

  it('counts the ttl: of the call, of the namespace, forever, and after touch', async () => {
    await products.set('default', 1);
    await products.set('own', 1, { ttl: '2m' });
    await products.set('forever', 1, { ttl: 'forever' });
    await products.set('touched', 1, { ttl: '1m' });
    expect(await products.touch('touched', '3h')).toBe(true);
    const ttls = await Promise.all(['default', 'own', 'forever', 'touched', 'none'].map((key) => products.ttl(key)));
    const minutes = ttls.map((ttl) => (typeof ttl === 'number' ? Math.ceil(ttl / 60_000) : ttl));
    expect(minutes).toEqual([60, 2, 'forever', 180, undefined]);
    expect(await products.touch('none')).toBe(false);
    await expect(products.set('wrong', 1, { ttl: 0 })).rejects.toMatchObject({ option: 'ttl' });
  });

  it('forgets what is over', async () => {
    await cache.set('short', 1, { ttl: 50, tags: ['short'] });
    await cache.set('long', 1, { ttl: '1h', tags: ['short'] });
    subject.elapse(50);
    await eventually(async () => expect(await cache.get('short')).toBeUndefined());
    expect([await cache.has('short'), await cache.ttl('short'), await cache.touch('short')]).toEqual([
      false,
      undefined,
      false,
    ]);
    expect(await cache.explain('short')).toMatchObject({ state: 'missing', bytes: 0 });
    expect(await cache.invalidate({ tags: ['short'] })).toEqual({ removed: 1, delivered: true });
    expect([await cache.has('long'), await cache.add('short', 2), await cache.get('short')]).toEqual([false, true, 2]);
  });
});
