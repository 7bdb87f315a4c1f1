import { inspect } from 'node:util';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describeGiven } from './core/common/index.js';
import { resolveRedisCacheOptions, type ResolvedRedisCacheOptions } from './redis-cache.options.js';

type Scope = keyof typeof SCOPES;
type Resolved = ResolvedRedisCacheOptions;
type Pair = readonly [given: unknown, resolved: unknown];

type Reads = (resolved: Resolved, scope: Scope) => unknown;

const ownClient = new Redis({ host: 'own', lazyConnect: true });
const prefixedClient = new Redis({ keyPrefix: 'x:', lazyConnect: true });
const inConnection = (beside: object) => (given: object) => ({ connection: { ...beside, ...given } });

/** The objects that hold options: the path of each, and how it stands among the options beside it. */
const SCOPES = {
  root: ['', (given: object) => ('connections' in given ? given : { connection: { host: 'h' }, ...given })],
  url: ['connection.', inConnection({ url: 'redis://h' })],
  host: ['connection.', inConnection({ host: 'h' })],
  path: ['connection.', inConnection({ path: '/run/redis.sock' })],
  cluster: ['connection.', inConnection({ cluster: ['h:1'] })],
  client: ['connection.', inConnection({ client: ownClient })],
  retry: ['connection.retry.', (retry: object) => ({ connection: { host: 'h', retry } })],
  cache: ['cache.', (cache: object) => ({ connection: { host: 'h' }, cache })],
  namespace: ['cache.namespaces.n.', (n: object) => ({ connection: { host: 'h' }, cache: { namespaces: { n } } })],
} satisfies Record<string, [path: string, put: (given: object) => object]>;

const scopes = Object.keys(SCOPES) as Scope[];
const TARGETS: Scope[] = ['url', 'host', 'path', 'cluster', 'client'];
const CACHES: Scope[] = ['cache', 'namespace'];

const pathOf = (scope: Scope): string => SCOPES[scope][0];
const resolve = (options: unknown, names = ['default']): Resolved => resolveRedisCacheOptions(options, names);
const resolveIn = (scope: Scope, given: object): Resolved => resolve(SCOPES[scope][1](given));

const first = ({ connections }: Resolved) => connections[0]!;
const addressOf = (resolved: Resolved) => first(resolved).address;
const targetOf = (resolved: Resolved) => first(resolved).target as { [name: string]: unknown };
const redisOf = (resolved: Resolved) => targetOf(resolved).redis as { [name: string]: unknown };
const nodesOf = (resolved: Resolved) => targetOf(resolved).nodes as unknown[];
const namespaceOf = ({ cache }: Resolved, scope: Scope) =>
  scope === 'namespace' ? cache.namespaces[0]! : cache.defaults;

const DURATION = "a duration such as '5m', or milliseconds, of at least 1 ms and at most 100 years";
const TTL = "a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'";
const URL_TEXT = "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)";
const SERIALIZER = "'typed', 'json', 'msgpack' or an object with encode(value) and decode(bytes)";
const TEXT = 'a string that is not empty';
const NO_DURATIONS = [-1, '5', '5 minutes', '30sec', Number.NaN, Infinity, true, {}];
const NOT_YET_IN_CACHE = [
  ...['compression', 'condition', 'earlyRefresh', 'enabled', 'encryption', 'index', 'jitter', 'l1', 'onError', 'tags'],
  ...['onUndelivered', 'settle', 'staleIfError', 'staleWhileRevalidate', 'tagsFrom', 'unless', 'varyBy'],
];
const serializer = { encode: () => '', decode: () => 1 };
const NODES = ['a:1', '[::1]'];
const serverOf = () => ({ host: 'b', port: 2 });
class Product {}

const option = (option: string, scopes: readonly Scope[], reads: Reads) => ({
  accepts: (...right: Pair[]) => ({
    refuses: (expected: string, ...wrong: unknown[]) => ({ option, scopes, reads, right, expected, wrong }),
  }),
});

/** Every option there is: what right values become, and what is said of wrong ones. */
const TABLE = [
  option('connection', ['root'], addressOf)
    .accepts([{ host: 'redis' }, 'redis:6379'])
    .refuses('an object', null, [], 'redis://u:p@h'),
  option('connections', ['root'], ({ connections }) => connections.map(({ name }) => name))
    .accepts([{ default: { host: 'a' } }, ['default']])
    .refuses('an object', null, ['default'], 'default'),
  option('keyPrefix', ['root'], ({ keyPrefix }) => keyPrefix)
    .accepts([undefined, 'app'], ['shop', 'shop'], ['shop:eu', 'shop:eu'])
    .refuses('a text that is not empty, without braces or NUL', '', '{shop}', 'a\0', 7),
  option('cache', ['root'], ({ cache }) => cache.defaults.ttlMs)
    .accepts([undefined, 300_000], [{}, 300_000], [{ ttl: '1h' }, 3_600_000])
    .refuses('an object', true, '5m', []),
  option('url', ['url'], (resolved) => [addressOf(resolved), redisOf(resolved)])
    .accepts(
      ['redis://redis', ['redis:6379', { host: 'redis', port: 6379 }]],
      ['rediss://redis/', ['redis:6379', { host: 'redis', port: 6379, tls: {} }]],
      ['redis://u:p%40%3A@h:1/3', ['h:1', { host: 'h', port: 1, db: 3, username: 'u', password: 'p@:' }]],
      ['redis://:p@10.0.0.1', ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379, password: 'p' }]],
      ['redis://[::1]:1?family=6', ['::1:1', { host: '::1', port: 1, family: 6 }]],
    )
    .refuses(URL_TEXT, '', 'h', 'h:6379', 'http://h', 'redis://', 'redis://h:70000', 6379, new URL('redis://h')),
  option('host', ['host'], addressOf)
    .accepts(['redis', 'redis:6379'], ['10.0.0.1', '10.0.0.1:6379'])
    .refuses(TEXT, '', 7, null),
  option('port', ['host'], (resolved) => [addressOf(resolved), redisOf(resolved).port])
    .accepts([undefined, ['h:6379', 6379]], [1, ['h:1', 1]], [65_535, ['h:65535', 65_535]])
    .refuses('a whole number from 1 to 65535', 0, 65_536, 1.5, '6379', 'tcp://10.0.0.1:6379'),
  option('path', ['path'], (resolved) => [addressOf(resolved), redisOf(resolved)])
    .accepts(['/tmp/redis.sock', ['/tmp/redis.sock', { path: '/tmp/redis.sock' }]])
    .refuses(TEXT, '', 7),
  option('cluster', ['cluster'], (resolved) => [addressOf(resolved), nodesOf(resolved).at(-1)])
    .accepts([NODES, ['a:1,::1:6379', { host: '::1', port: 6379 }]])
    .refuses("an array such as ['10.0.0.1:6379']", [], 'a:1', { a: 1 }),
  option('natMap', ['cluster'], (resolved) => targetOf(resolved).natMap)
    .accepts([undefined, undefined], [serverOf, serverOf])
    .refuses(''),
  option('client', ['client'], (resolved) => [addressOf(resolved), targetOf(resolved)])
    .accepts([ownClient, ['own:6379', { kind: 'client', client: ownClient }]])
    .refuses('an ioredis client', {}, 'redis://h', null, Redis),
  option('username', ['url', 'host', 'path', 'cluster'], (resolved) => redisOf(resolved).username)
    .accepts([undefined, undefined], ['app', 'app'])
    .refuses(TEXT, '', 7),
  option('password', ['url', 'host', 'path', 'cluster'], (resolved) => redisOf(resolved).password)
    .accepts([undefined, undefined], ['p@:/', 'p@:/'])
    .refuses(TEXT, '', ['p'], null),
  option('db', ['url', 'host', 'path'], (resolved) => redisOf(resolved).db)
    .accepts([undefined, undefined], [0, 0], [15, 15])
    .refuses('a whole number from 0 to 1000000', -1, '1', 0.5, 1_000_001),
  option('tls', ['url', 'host', 'cluster'], (resolved) => redisOf(resolved).tls)
    .accepts([undefined, undefined], [false, undefined], [true, {}], [{ servername: 's' }, { servername: 's' }])
    .refuses('an object', 'yes', 1, ['ca']),
  option('connectTimeout', TARGETS, (resolved) => first(resolved).connectTimeoutMs)
    .accepts([undefined, 5_000], ['2s', 2_000], [250, 250])
    .refuses(DURATION, 0, ...NO_DURATIONS),
  option('commandTimeout', TARGETS, (resolved) => first(resolved).commandTimeoutMs)
    .accepts([undefined, 1_000], ['2s', 2_000], [250, 250])
    .refuses(DURATION, 0, ...NO_DURATIONS),
  option('keepAlive', TARGETS, (resolved) => first(resolved).keepAliveMs)
    .accepts([undefined, 30_000], ['1m', 60_000], [0, 0])
    .refuses(DURATION.replace('1 ms', '0 ms'), ...NO_DURATIONS),
  option('onBoot', TARGETS, (resolved) => first(resolved).onBoot)
    .accepts([undefined, 'degrade'], ['degrade', 'degrade'], ['fail', 'fail'])
    .refuses("'degrade' or 'fail'", 'stop', true),
  option('retry', TARGETS, (resolved) => first(resolved).retry)
    .accepts([undefined, { attempts: 3, delayMs: 100 }], [{}, { attempts: 3, delayMs: 100 }])
    .refuses('an object', 3, false),
  option('attempts', ['retry'], (resolved) => first(resolved).retry.attempts)
    .accepts([undefined, 3], [1, 1], [100, 100])
    .refuses('a whole number from 1 to 100', 0, 101, '3', Infinity),
  option('delay', ['retry'], (resolved) => first(resolved).retry.delayMs)
    .accepts([undefined, 100], ['1s', 1_000], [0, 0])
    .refuses(DURATION.replace('1 ms', '0 ms'), ...NO_DURATIONS),
  option('ttl', CACHES, (resolved, scope) => namespaceOf(resolved, scope).ttlMs)
    .accepts([undefined, 300_000], ['10m', 600_000], [2_000, 2_000], ['forever', Infinity])
    .refuses(TTL, ...NO_DURATIONS, 0, null, 'Forever'),
  option('serializer', CACHES, (resolved, scope) => namespaceOf(resolved, scope).serializer)
    .accepts(...[undefined, 'typed', 'json', 'msgpack', serializer].map((given): Pair => [given, given ?? 'typed']))
    .refuses(SERIALIZER, 'jsn', JSON, { encode: () => '' }, null),
  option('classes', CACHES, (resolved, scope) => namespaceOf(resolved, scope).classes.map(({ classes }) => classes))
    .accepts([undefined, []], [[Product], [[Product]]], [{ Product: serializer }, [{ Product: serializer }]])
    .refuses('an object', Product, 'Product', null),
  option('connection', CACHES, (resolved, scope) => namespaceOf(resolved, scope).connection)
    .accepts([undefined, 'default'], ['durable', 'durable'])
    .refuses(TEXT, '', { host: 'h' }),
  option('namespaces', ['cache'], ({ cache }) => cache.namespaces.map(({ name }) => name))
    .accepts([undefined, []], [{ products: {}, reviews: { ttl: '1h' } }, ['products', 'reviews']])
    .refuses('an object', ['products'], 'products'),
];

const CASES = TABLE.flatMap((row) => row.scopes.map((scope) => [`${pathOf(scope)}${row.option}`, scope, row] as const));

describe('an option', () => {
  it.each(CASES)('%s has a default, or becomes what is given (%s)', (_, scope, { option, reads, right }) => {
    for (const [given, resolved] of right) {
      expect([given, reads(resolveIn(scope, { [option]: given }), scope)]).toEqual([given, resolved]);
    }
  });

  const refusable = CASES.filter(([, , { wrong }]) => wrong.length > 0);
  it.each(refusable)('%s is named when it is wrong, with what is accepted (%s)', (name, scope, row) => {
    for (const given of row.wrong) {
      const thrown = thrownBy(() => resolveIn(scope, { [row.option]: given }));
      const message = `${name}: expected ${row.expected}, got ${describeGiven(name, given)}.`;
      expect(thrown).toMatchObject({ code: 'INVALID_OPTION', option: name, message });
    }
  });

  it.each(scopes)('is in the table above when it is accepted (%s)', (scope) => {
    const { message } = thrownBy(() => resolveIn(scope, { nope: 1 }));
    const [refusal, accepted] = message.replace(/\.$/, '').split(' Accepted here: ');
    const inTable = TABLE.filter((row) => row.scopes.includes(scope)).map((row) => row.option);
    expect(refusal).toBe(`${pathOf(scope)}nope: there is no such option.`);
    expect(accepted!.split(', ').sort()).toEqual(inTable.sort());
  });

  it.each<[scope: Scope, options: string[]]>([
    ['root', ['encryption', 'lock', 'rateLimit', 'session']],
    ...TARGETS.map((target): [Scope, string[]] => [target, ['sentinels', 'name', 'minReplicas']]),
    ...CACHES.map((cache): [Scope, string[]] => [cache, NOT_YET_IN_CACHE]),
  ])('of a feature to come is not available yet (%s)', (scope, options) => {
    for (const option of options) {
      const message = `${pathOf(scope)}${option} is not available yet in this version of nestjs-redis-cache.`;
      expect(() => resolveIn(scope, { [option]: {} })).toThrow(message);
      expect(() => resolveIn(scope, { [option]: false })).toThrow(message);
    }
  });
});

describe('options that do not go together', () => {
  const url = 'redis://u:p@h/1';

  it.each<[message: string, options: unknown]>([
    ['The options of RedisCacheModule: expected an object, got nothing.', undefined],
    ["connection: expected how Redis is reached, such as { url: 'redis://localhost:6379' }, got nothing.", {}],
    ['connection: expected one of url, host, path, cluster, client, got nothing.', { connection: {} }],
    ['connection.sentinels is not available yet in this version of', { connection: { sentinels: [] } }],
    ['connection: names url and host; a connection has exactly one of them.', { connection: { url, host: 'h' } }],
    ['connection.username: stands in the url too. Give it once.', { connection: { url, username: 'u' } }],
    ['connection.password: stands in the url too. Give it once.', { connection: { url, password: 'p' } }],
    ['connection.db: stands in the url too. Give it once.', { connection: { url, db: 1 } }],
    ['connection.port: there is no such option. Accepted here: ', { connection: { url, port: 1 } }],
    ['connection.tls: there is no such option. Accepted here: ', { connection: { path: 'p', tls: true } }],
    ['connection.db: there is no such option. Accepted here: ', { connection: { cluster: ['h'], db: 1 } }],
    ['connection.url: ?db= is not understood. Give it as an option', { connection: { url: 'redis://h?db=1' } }],
    ['connection.url: ends in "/x"; the number of a database was', { connection: { url: 'redis://h/x' } }],
    ["connection.cluster[1]: expected an address such as '10.0.0.1:6379'", { connection: { cluster: ['a', 'b:x'] } }],
    ["connection.cluster[0]: expected an address such as '10.0.0.1:6379'", { connection: { cluster: ['a:0'] } }],
    ['connection.client: has a keyPrefix of its own, which scripts', { connection: { client: prefixedClient } }],
    ['connections: stands beside connection. Give one', { connection: { url }, connections: { default: { url } } }],
    ['connections: expected one named "default", got none.', { connections: {} }],
    ['connections: expected one named "default", got "durable".', { connections: { durable: { url } } }],
    ['cache.namespaces: expected a name', { connection: { url }, cache: { namespaces: { 'a:b': {} } } }],
    ['cache.namespaces.n: expected an object, got 5.', { connection: { url }, cache: { namespaces: { n: 5 } } }],
  ])('are refused: %s', (message, options) => {
    expect(() => resolve(options)).toThrow(message);
  });

  it('are names of connections other than forRootAsync was told', () => {
    const connections = { default: { url }, durable: { host: 'd' } };
    expect(resolve({ connections }, ['durable', 'default']).connections).toHaveLength(2);
    expect(() => resolve({ connections })).toThrow(
      'connections: the options bring "default", "durable", but forRootAsync was told of "default". ' +
        "Write forRootAsync({ connections: ['default', 'durable'], … }).",
    );
  });
});

describe('a warning', () => {
  const connection = { host: 'h' };

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
    [{ host: 'h' }, { host: 'h', db: 1 }, false],
    [{ host: 'h' }, { host: 'h', port: 6380 }, false],
    [{ client: ownClient }, { client: ownClient }, false],
  ])('tells of two connections to one database (%#)', (one, other, isWarned) => {
    const { warnings } = resolve({ connections: { default: one, durable: other } }, ['default', 'durable']);
    const warning = 'The connections "default" and "durable" lead to the same database of the same server.';
    expect(warnings).toEqual(isWarned ? [warning] : []);
  });
});

describe('a password', () => {
  const password = fc.string({ unit: fc.constantFrom(...'QXZ0123456789!$&*:;,=~_-'), minLength: 8, maxLength: 100 });

  it.each<[place: string, optionsWith: (secret: string) => unknown]>([
    ['a URL with a wrong port', (p) => ({ connection: { url: `redis://u:${p}@h:70000` } })],
    ['a URL with a wrong scheme', (p) => ({ connection: { url: `http://u:${p}@h` } })],
    ['a URL without its scheme', (p) => ({ connection: { url: `u:${p}@h` } })],
    ['a URL with a wrong database', (p) => ({ connection: { url: `redis://u:${p}@h/x` } })],
    ['a URL with an unknown parameter', (p) => ({ connection: { url: `redis://u:${p}@h?x=1` } })],
    ['a URL in place of the connection', (p) => ({ connection: `redis://u:${p}@h` })],
    ['a URL among the nodes of a cluster', (p) => ({ connection: { cluster: [`redis://u:${p}@h:1`] } })],
    ['a node of a cluster', (p) => ({ connection: { cluster: [`u:${p}@h:1`] } })],
    ['a URL and an option', (p) => ({ connection: { url: `redis://u:${p}@h`, password: p } })],
    ['a list of passwords', (p) => ({ connection: { host: 'h', password: [p] } })],
    ['a key of TLS', (p) => ({ connection: { host: 'h', tls: { key: p, passphrase: p }, port: 'x' } })],
    ['two ways to connect', (p) => ({ connection: { host: 'h', password: p }, connections: { a: { password: p } } })],
  ])('is in no refusal: %s', (_, optionsWith) => {
    fc.assert(
      fc.property(password, (secret) => {
        const thrown = thrownBy(() => resolve(optionsWith(secret)));
        expect(thrown).toMatchObject({ code: 'INVALID_OPTION' });
        expect(`${String(thrown)} ${JSON.stringify(thrown)} ${inspect(thrown)}`).not.toContain(secret);
      }),
    );
  });
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}
