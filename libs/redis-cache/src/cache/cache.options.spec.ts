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
