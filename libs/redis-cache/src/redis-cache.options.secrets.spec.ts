import { inspect } from 'node:util';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { resolveRedisCacheOptions, type ResolvedRedisCacheOptions } from './redis-cache.options.js';

const resolve = (options: unknown, names = ['default']): ResolvedRedisCacheOptions =>
  resolveRedisCacheOptions(options, names);

describe('a warning', () => {
  const connection = { host: 'h' };
  const ownClient = new Redis({ host: 'own', lazyConnect: true, maxRetriesPerRequest: 0 });

  it.each([1, 30, 999])('asks whether a ttl of %d was meant as seconds', (ttl) => {
    const advice = `is ${ttl} milliseconds. Did you mean seconds? Write '${ttl}s', or '${ttl}ms' to end this warning.`;
    const { warnings } = resolve({ connection, cache: { ttl, namespaces: { products: { ttl } } } });
    expect(warnings).toEqual([`cache.ttl ${advice}`, `cache.namespaces.products.ttl ${advice}`]);
  });

  it.each([1_000, '30ms', 'forever', undefined])('is not said of a ttl of %p', (ttl) => {
    expect(resolve({ connection, cache: { ttl, namespaces: { n: { ttl } } } }).warnings).toEqual([]);
  });

  it.each<[one: object, other: object, isWarned: boolean]>([
    [{ host: 'h' }, { url: 'redis://:p@h:6379/0' }, true],
    [{ host: 'h', db: 2 }, { url: 'redis://h/2' }, true],
    [{ path: '/r.sock' }, { path: '/r.sock', db: 0 }, true],
    [{ cluster: ['a:1'] }, { cluster: ['a:1'] }, true],
    [{ cluster: ['a:1', 'b:2'] }, { cluster: ['b:2', 'a:1'] }, true],
    [{ host: 'h' }, { host: 'h', db: 1 }, false],
    [{ host: 'h' }, { host: 'h', port: 6380 }, false],
    [{ cluster: ['a:1'] }, { host: 'a', port: 1 }, false],
    [{ client: ownClient }, { client: ownClient }, false],
    // Which database the client of the user has selected is not known.
    [{ client: ownClient }, { host: 'own' }, false],
    [{ host: 'own' }, { client: ownClient }, false],
  ])('tells of two connections to one database (%#)', (one, other, isWarned) => {
    const { warnings } = resolve({ connections: { default: one, durable: other } }, ['default', 'durable']);
    const warning = 'The connections "default" and "durable" lead to the same database of the same server.';
    expect(warnings).toEqual(isWarned ? [warning] : []);
  });
});

describe('a password', () => {
  const password = fc.string({ unit: fc.constantFrom(...'QXZ0123456789!$&*:;,=~_-'), minLength: 8, maxLength: 100 });
  const digits = fc.integer({ min: 10_000_000 });
  const at = (url: string) => ({ connection: { url } });

  it.each<[place: string, optionsWith: (secret: string) => unknown]>([
    ['a URL with a wrong port', (p) => at(`redis://u:${p}@h:70000`)],
    ['a URL with a wrong scheme', (p) => at(`http://u:${p}@h`)],
    ['a URL with a wrong database', (p) => at(`redis://u:${p}@h/x`)],
    ['a URL with an unknown parameter', (p) => at(`redis://u:${p}@h?x=1`)],
    ['a URL with a fragment', (p) => at(`redis://u:${p}@h#x`)],
    ['a URL with a wrong family', (p) => at(`redis://h?family=${p}`)],
    ['a URL with a "%"', (p) => at(`redis://u:${p}%@h`)],
    ['behind an @', (p) => at(`redis://u:p@${p}@h:70000`)],
    ['behind a slash', (p) => at(`redis://u:12/${p}@h:6379`)],
    ['behind a slash, in a URL without a host', (p) => at(`redis://u:12/${p}`)],
    ['behind a question mark', (p) => at(`redis://u:12?${p}@h`)],
    ['behind a question mark, in a URL without a host', (p) => at(`redis://u:12?${p}`)],
    ['behind a hash', (p) => at(`redis://u:12#${p}@h`)],
    ['a URL of nothing else', (p) => at(`redis://:${p}`)],
    ['a parameter of a URL', (p) => at(`redis://h:70000?password=${p}`)],
    ['a URL without a scheme', (p) => at(`u:${p}`)],
    ['a URL in quotes', (p) => at(`"redis://:${p}"`)],
    ['a URL that is all percent-encoded', (p) => at(`redis://u%3A${p}%40h`)],
    ['a URL in place of a host', (p) => ({ connection: { host: `redis://u:${p}@h` } })],
    ['a host', (p) => ({ connection: { host: `u:${p}@h` } })],
    ['a URL in place of a path', (p) => ({ connection: { path: `redis://u:${p}@h` } })],
    ['a URL without its scheme in place of a path', (p) => ({ connection: { path: `u:${p}@h` } })],
    ['a URL in place of the connection', (p) => ({ connection: `redis://:${p}` })],
    ['a URL in place of a port', (p) => ({ connection: { host: 'h', port: `redis://:${p}` } })],
    ['a URL among the nodes of a cluster', (p) => ({ connection: { cluster: [`redis://u:${p}@h:1`] } })],
    ['a node of a cluster', (p) => ({ connection: { cluster: [`u:${p}@h:1`] } })],
    ['the map of a NAT', (p) => ({ connection: { cluster: ['h'], natMap: { [`u:${p}@h:1`]: null } } })],
    ['a URL and an option', (p) => ({ connection: { url: `redis://u:${p}@h`, password: p } })],
    ['a list of passwords', (p) => ({ connection: { host: 'h', password: [p] } })],
    ['a key in place of TLS', (p) => ({ connection: { host: 'h', tls: `-----BEGIN PRIVATE KEY-----${p}` } })],
    ['a key without its header in place of TLS', (p) => ({ connection: { host: 'h', tls: p } })],
    ['a key in place of a host', (p) => ({ connection: { host: `-----BEGIN PRIVATE KEY-----${p}` } })],
    ['a key of TLS', (p) => ({ connection: { host: 'h', tls: { key: p, passphrase: p }, port: 'x' } })],
    ['two ways to connect', (p) => ({ connection: { host: 'h', password: p }, connections: { a: { password: p } } })],
  ])('is in no refusal: %s', (_, optionsWith) => {
    fc.assert(fc.property(password, (secret) => expectNothingOf(secret, optionsWith(secret))));
  });

  it('is in no refusal: a number', () => {
    fc.assert(
      fc.property(digits, (secret) => expectNothingOf(String(secret), { connection: { host: 'h', password: secret } })),
    );
  });
});

function expectNothingOf(secret: string, options: unknown): void {
  const thrown = thrownBy(() => resolve(options));
  expect(thrown).toMatchObject({ code: 'INVALID_OPTION' });
  expect(`${String(thrown)} ${JSON.stringify(thrown)} ${inspect(thrown, { depth: 9 })}`).not.toContain(secret);
}

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}
