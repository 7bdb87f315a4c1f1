import { resolveCacheOptions } from './cache.options.js';

it('options of the cache hold for its namespaces, where they do not say otherwise', () => {
  const common = { ttl: '1h', serializer: 'json', connection: 'durable', classes: [Map] };
  const own = { ttl: '1m', classes: [Set] };
  const { namespaces } = resolveCacheOptions('cache', { ...common, namespaces: { a: {}, b: own } });
  const [inherited, changed] = namespaces;
  expect(inherited).toMatchObject({ ttlMs: 3_600_000, serializer: 'json', connection: 'durable' });
  expect(changed).toMatchObject({ ttlMs: 60_000, classes: [{ classes: [Map] }, { classes: [Set] }] });
});

it('the cache is switched off as a whole', () => {
  const given = { namespaces: { products: { enabled: false } } };
  const message = 'cache.namespaces.products.enabled: there is no such option. Accepted here: ';
  expect(() => resolveCacheOptions('cache', given)).toThrow(message);
});

describe("onError: 'stale'", () => {
  it('is what a namespace with l1 may have, or inherit', () => {
    const given = {
      l1: true,
      onError: 'stale',
      namespaces: { own: { l1: { maxEntries: 5 } }, loads: { onError: 'load' } },
    };
    const { defaults, namespaces } = resolveCacheOptions('cache', given);
    expect([defaults, ...namespaces].map(({ onError }) => onError)).toEqual(['stale', 'stale', 'load']);
  });

  it.each([
    ['cache.onError', { onError: 'stale' }],
    ['cache.onError', { onError: 'stale', namespaces: { a: { l1: true } } }],
    ['cache.namespaces.a.onError', { namespaces: { a: { onError: 'stale' } } }],
    ['cache.namespaces.a.onError', { l1: true, onError: 'stale', namespaces: { a: { l1: false } } }],
  ])('is refused without l1, naming %s', (option, given) => {
    const refusal = { code: 'INVALID_OPTION', option, message: expect.stringContaining('l1: true') };
    expect(() => resolveCacheOptions('cache', given)).toThrow(expect.objectContaining(refusal));
  });
});
