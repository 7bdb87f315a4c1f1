import { Redis } from 'ioredis';
import { describeGiven } from './core/common/index.js';
import { resolveRedisCacheOptions, type ResolvedRedisCacheOptions } from './redis-cache.options.js';

type Scope = keyof typeof SCOPES;
type Resolved = ResolvedRedisCacheOptions;
type Pair = readonly [given: unknown, resolved: unknown];
type Place = [path: string, put: (given: object) => object, notYet: readonly string[]];
type Reads = (resolved: Resolved, scope: Scope) => unknown;

const ownClient = new Redis({ host: 'own', lazyConnect: true });
const NOT_YET_IN_CACHE = [
  ...['compression', 'condition', 'earlyRefresh', 'encryption', 'jitter', 'tags'],
  ...['staleIfError', 'staleWhileRevalidate', 'tagsFrom', 'unless'],
];
const NOT_YET_IN_ROOT = ['encryption'];
const l1Of = (maxEntries: number) => ({ maxEntries, maxBytes: 67_108_864, values: 'frozen' });
const withHost = (options: object) => ({ connection: { host: 'h' }, ...options });
const inConnection = (beside: object): Place => [
  'connection.',
  (given) => ({ connection: { ...beside, ...given } }),
  ['sentinels', 'name', 'minReplicas'],
];

/** The objects that hold options: the path of each, how it stands among the options beside it, and what is to come. */
const SCOPES = {
  root: ['', (given: object) => ('connections' in given ? given : withHost(given)), NOT_YET_IN_ROOT],
  url: inConnection({ url: 'redis://h' }),
  host: inConnection({ host: 'h' }),
  path: inConnection({ path: '/run/redis.sock' }),
  cluster: inConnection({ cluster: ['h:1'] }),
  client: inConnection({ client: ownClient }),
  retry: ['connection.retry.', (retry: object) => ({ connection: { host: 'h', retry } }), []],
  cache: ['cache.', (cache: object) => withHost({ cache }), NOT_YET_IN_CACHE],
  namespace: ['cache.namespaces.n.', (n: object) => withHost({ cache: { namespaces: { n } } }), NOT_YET_IN_CACHE],
} satisfies Record<string, Place>;

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
const namespaceOf = ({ cache }: Resolved, scope: Scope) => (scope === 'cache' ? cache.defaults : cache.namespaces[0]!);

const DURATION = "a duration such as '5m', or milliseconds, of at least 1 ms and at most 2147483647 ms";
const HOST = 'the name or the IP address of a host, without scheme, port or password';
const TTL = "a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'";
const URL_TEXT = "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)";
const SERIALIZER = "'typed', 'json', 'msgpack' or an object with encode(value) and decode(bytes)";
const TEXT = 'a string that is not empty';
const NO_URLS = [
  ...['', 'h', 'h:6379', 'http://h', 'redis://', 'redis://h:70000', 'redis://h:0'],
  ...['redis://a,b', 'redis://h%40x', 'redis://h#', 'redis://h/1#x'],
];
const NO_DURATIONS = [-1, '5', '5 minutes', '30sec', Number.NaN, Infinity, true, {}, null];
const NO_TIMERS = [...NO_DURATIONS, 2 ** 31, '25d', -0.4];
const NAT_MAP = { '10.0.0.1:1': { host: 'b', port: 2 }, '::1:1': { host: '::1', port: 3 } };
const serverOf = () => ({ host: 'b', port: 2 });
const tenant = (): string => 'a';
const serializer = { encode: () => '', decode: () => 1 };

const option = (option: string, scopes: readonly Scope[], reads: Reads) => ({
  accepts: (...right: Pair[]) => {
    const row = { option, scopes, reads, right, expected: '', wrong: [] as unknown[] };
    return { ...row, refuses: (expected: string, ...wrong: unknown[]) => ({ ...row, expected, wrong }) };
  },
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
    .refuses('a text that is not empty, without braces or NUL', '', '{shop}', 'a\0', 7, null),
  option('cache', ['root'], ({ cache }) => cache.defaults.ttlMs)
    .accepts([undefined, 300_000], [{}, 300_000], [{ ttl: '1h' }, 3_600_000])
    .refuses('an object', true, '5m', [], null),
  option('session', ['root'], ({ session }) => session.idleTimeoutMs)
    .accepts([undefined, 1_800_000], [{}, 1_800_000], [{ idleTimeout: '5m' }, 300_000])
    .refuses('an object', true, '5m', [], null),
  option('rateLimit', ['root'], ({ rateLimit }) => rateLimit.onUnavailable)
    .accepts([undefined, 'local'], [{}, 'local'], [{ onUnavailable: 'deny' }, 'deny'])
    .refuses('an object', true, '5m', [], null),
  option('url', ['url'], (resolved) => [addressOf(resolved), redisOf(resolved)])
    .accepts(
      ['redis://redis', ['redis:6379', { host: 'redis', port: 6379 }]],
      ['rediss://redis/', ['redis:6379', { host: 'redis', port: 6379, tls: {} }]],
      ['redis://u:p%40%3A@h:1/3', ['h:1', { host: 'h', port: 1, db: 3, username: 'u', password: 'p@:' }]],
      ['redis://:p@10.0.0.1', ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379, password: 'p' }]],
      ['redis://[::1]:1?family=6', ['::1:1', { host: '::1', port: 1, family: 6 }]],
      ['redis://my_redis/1000000', ['my_redis:6379', { host: 'my_redis', port: 6379, db: 1_000_000 }]],
    )
    .refuses(URL_TEXT, ...NO_URLS, 6379, new URL('redis://h'), null),
  option('host', ['host'], addressOf)
    .accepts(
      ['redis', 'redis:6379'],
      ['10.0.0.1', '10.0.0.1:6379'],
      ['my_redis.x-y.eu.', 'my_redis.x-y.eu.:6379'],
      ['::1', '::1:6379'],
      ['fe80::1%eth0', 'fe80::1%eth0:6379'],
      ['bücher.example', 'bücher.example:6379'],
    )
    .refuses(HOST, '', 7, null, 'h:1', 'redis://h', 'u@h', 'a b', 'a,b', '[::1]', '-h', 'h/1', 'x'.repeat(254)),
  option('port', ['host'], (resolved) => [addressOf(resolved), redisOf(resolved).port])
    .accepts([undefined, ['h:6379', 6379]], [1, ['h:1', 1]], [65_535, ['h:65535', 65_535]])
    .refuses('a whole number from 1 to 65535', 0, 65_536, 1.5, '6379', 'tcp://10.0.0.1:6379', null),
  option('path', ['path'], (resolved) => [addressOf(resolved), redisOf(resolved)])
    .accepts(
      ['/tmp/redis.sock', ['/tmp/redis.sock', { path: '/tmp/redis.sock' }]],
      ['/r@1:a', ['/r@1:a', { path: '/r@1:a' }]],
    )
    .refuses('the path of a unix socket', '', 7, 'redis://h', 'unix:///tmp/redis.sock'),
  option('cluster', ['cluster'], addressOf)
    .accepts([['a:1'], 'a:1'], [['a:1', 'b', '[::1]'], 'a:1,b:6379,::1:6379'])
    .refuses("an array such as ['10.0.0.1:6379']", [], 'a:1', { a: 1 }),
  option('natMap', ['cluster'], (resolved) => targetOf(resolved).natMap)
    .accepts([undefined, undefined], [NAT_MAP, NAT_MAP], [serverOf, serverOf])
    .refuses("an object of 'host:port' to { host, port }, or a function", 5, 'a:1', [], null, { 'u:p@h': {} }),
  option('client', ['client'], (resolved) => [addressOf(resolved), targetOf(resolved)])
    .accepts([ownClient, ['own:6379', { kind: 'client', client: ownClient }]])
    .refuses('an ioredis client', {}, 'redis://h', null, Redis, { evalsha() {}, getBuffer() {} }),
  option('username', ['url', 'host', 'path', 'cluster'], (resolved) => redisOf(resolved).username)
    .accepts([undefined, undefined], ['app', 'app'])
    .refuses(TEXT, '', 7),
  option('password', ['url', 'host', 'path', 'cluster'], (resolved) => redisOf(resolved).password)
    .accepts([undefined, undefined], ['p@:/', 'p@:/'])
    .refuses(TEXT, '', ['p'], null),
  option('db', ['url', 'host', 'path'], (resolved) => redisOf(resolved).db)
    .accepts([undefined, undefined], [0, 0], [15, 15])
    .refuses('a whole number from 0 to 1000000', -1, '1', 0.5, 1_000_001, null),
  option('tls', ['url', 'host', 'cluster'], (resolved) => redisOf(resolved).tls)
    .accepts([undefined, undefined], [false, undefined], [true, {}], [{ servername: 's' }, { servername: 's' }])
    .refuses('true, false or an object', 'yes', 1, ['ca'], null),
  option('connectTimeout', TARGETS, (resolved) => first(resolved).connectTimeoutMs)
    .accepts([undefined, 5_000], ['2s', 2_000], [250, 250], [2_147_483_647, 2_147_483_647])
    .refuses(DURATION, 0, 0.5, ...NO_TIMERS),
  option('commandTimeout', TARGETS, (resolved) => first(resolved).commandTimeoutMs)
    .accepts([undefined, 1_000], ['2s', 2_000], [250, 250], [2_147_483_647, 2_147_483_647])
    .refuses(DURATION, 0, 0.5, ...NO_TIMERS),
  option('keepAlive', TARGETS, (resolved) => first(resolved).keepAliveMs)
    .accepts([undefined, 30_000], ['1m', 60_000], [0, 0], [-0, 0])
    .refuses(DURATION.replace('1 ms', '0 ms'), ...NO_TIMERS),
  option('onBoot', TARGETS, (resolved) => first(resolved).onBoot)
    .accepts([undefined, 'degrade'], ['degrade', 'degrade'], ['fail', 'fail'])
    .refuses("'degrade' or 'fail'", 'stop', true, null),
  option('retry', TARGETS, (resolved) => first(resolved).retry)
    .accepts([undefined, { attempts: 3, delayMs: 100 }], [{}, { attempts: 3, delayMs: 100 }])
    .refuses('an object', 3, false, null),
  option('attempts', ['retry'], (resolved) => first(resolved).retry.attempts)
    .accepts([undefined, 3], [1, 1], [100, 100])
    .refuses('a whole number from 1 to 100', 0, 101, '3', Infinity, null),
  option('delay', ['retry'], (resolved) => first(resolved).retry.delayMs)
    .accepts([undefined, 100], ['1s', 1_000], [0, 0])
    .refuses(DURATION.replace('1 ms', '0 ms'), ...NO_TIMERS),
  option('ttl', CACHES, (resolved, scope) => namespaceOf(resolved, scope).ttlMs)
    .accepts([undefined, 300_000], ['10m', 600_000], [2_000, 2_000], ['forever', Infinity])
    .refuses(TTL, ...NO_DURATIONS, 0, null, 'Forever'),
  option('serializer', CACHES, (resolved, scope) => namespaceOf(resolved, scope).serializer)
    .accepts(...[undefined, 'typed', 'json', 'msgpack', serializer].map((given): Pair => [given, given ?? 'typed']))
    .refuses(SERIALIZER, 'jsn', JSON, { encode: () => '' }, null),
  option('classes', CACHES, (resolved, scope) => namespaceOf(resolved, scope).classes.map(({ classes }) => classes))
    .accepts([undefined, []], [[Date], [[Date]]], [{ Date: serializer }, [{ Date: serializer }]])
    .refuses('an object', Date, 'Date', null),
  option('index', CACHES, (resolved, scope) => namespaceOf(resolved, scope).index)
    .accepts([undefined, true], [true, true], [false, false])
    .refuses('true or false', 'false', 0, null),
  option('onError', CACHES, (resolved, scope) => namespaceOf(resolved, scope).onError)
    .accepts([undefined, 'load'], ['load', 'load'], ['throw', 'throw'])
    .refuses("'load' or 'throw' or 'stale'", 'miss', true, null),
  option('onUndelivered', CACHES, (resolved, scope) => namespaceOf(resolved, scope).onUndelivered)
    .accepts([undefined, 'journal'], ['journal', 'journal'], ['throw', 'throw'])
    .refuses("'journal' or 'throw'", 'ignore', true, null),
  option('minReplicas', CACHES, (resolved, scope) => namespaceOf(resolved, scope).minReplicas)
    .accepts([undefined, 0], [0, 0], [2, 2])
    .refuses('a whole number from 0 to 100', -1, 101, 1.5, '1', null),
  option('l1', CACHES, (resolved, scope) => namespaceOf(resolved, scope).l1)
    .accepts([undefined, undefined], [false, undefined], [true, l1Of(10_000)], [{ maxEntries: 5 }, l1Of(5)])
    .refuses('true, false or an object such as { maxEntries: 1_000 }', 'yes', 0, null, []),
  option('varyBy', CACHES, (resolved, scope) => namespaceOf(resolved, scope).varyBy)
    .accepts([undefined, []], [{ tenant }, [{ tenant }]])
    .refuses('an object of functions such as { tenant: () => … }', {}, { tenant: 'a' }),
  option('connection', CACHES, (resolved, scope) => namespaceOf(resolved, scope).connection)
    .accepts([undefined, 'default'], ['durable', 'durable'])
    .refuses(TEXT, '', { host: 'h' }),
  option('lock', ['root'], ({ lock }) => [lock.ttlMs, lock.isGiven])
    .accepts([undefined, [10_000, false]], [{}, [10_000, true]], [{ ttl: '1m' }, [60_000, true]])
    .refuses('an object', true, '5m', [], null),
  option('enabled', ['cache'], ({ cache }) => [cache.isEnabled, cache.warnings.length])
    .accepts([undefined, [true, 0]], [true, [true, 0]], [false, [false, 1]])
    .refuses('true or false', 'false', 0, null),
  option('namespaces', ['cache'], ({ cache }) => cache.namespaces.map(({ name }) => name))
    .accepts([undefined, []], [{ products: {}, reviews: { ttl: '1h' } }, ['products', 'reviews']])
    .refuses('an object', ['products'], 'products', null),
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

  it.each(scopes.filter((scope) => scope !== 'retry'))('of a feature to come is not available yet (%s)', (scope) => {
    const [path, , notYet] = SCOPES[scope];
    for (const option of notYet) {
      const message = `${path}${option} is not available yet in this version of nestjs-redis-cache.`;
      expect(() => resolveIn(scope, { [option]: false })).toThrow(message);
    }
  });
});

describe('options that do not go together', () => {
  const url = 'redis://u:p@h/1';
  const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'x:' });

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
    ['connection.tls: is false, but the url begins with rediss://', { connection: { url: 'rediss://h', tls: false } }],
    ['connection.url: only ?family= is understood. Give other', { connection: { url: 'redis://h?db=1' } }],
    ['connection.url: the family is 0, 4 or 6.', { connection: { url: 'redis://h?family=5' } }],
    ['connection.url: the family is 0, 4 or 6.', { connection: { url: 'redis://h?family=' } }],
    ['connection.url: ends in something else than the number of a', { connection: { url: 'redis://h/x' } }],
    ['connection.url: ends in something else than the number of a', { connection: { url: 'redis://h/1000001' } }],
    ['connection.url: holds a "%" that stands for no character; per', { connection: { url: 'redis://:100%@h' } }],
    ['connection.host: expected a host beside port, got nothing.', { connection: { port: 6379 } }],
    ['connection.cluster: expected the nodes beside natMap, got no', { connection: { natMap: {} } }],
    [
      'connection.natMap.a:1: expected an object, got null.',
      { connection: { cluster: ['a'], natMap: { 'a:1': null } } },
    ],
    [`connection.natMap.a:1.host: expected ${HOST}`, { connection: { cluster: ['a'], natMap: { 'a:1': {} } } }],
    ["connection.cluster[1]: expected an address such as '10.0.0.1:6379'", { connection: { cluster: ['a', 'b:x'] } }],
    ["connection.cluster[0]: expected an address such as '10.0.0.1:6379'", { connection: { cluster: ['a:0'] } }],
    ['connection.client: has a keyPrefix of its own, which scripts', { connection: { client: prefixed } }],
    ['connections: stands beside connection. Give one', { connection: { url }, connections: { default: { url } } }],
    ['connections: expected one named "default", got "durable".', { connections: { durable: { url } } }],
    ['cache.namespaces: expected a name', { connection: { url }, cache: { namespaces: { 'a:b': {} } } }],
    ['cache.namespaces.n: expected an object, got 5.', { connection: { url }, cache: { namespaces: { n: 5 } } }],
  ])('are refused: %s', (message, options) => {
    expect(() => resolve(options)).toThrow(message);
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
