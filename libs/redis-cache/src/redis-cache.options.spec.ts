import { inspect } from 'node:util';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { resolveRedisCacheOptions, type ResolvedRedisCacheOptions } from './redis-cache.options.js';

type Scope = keyof typeof SCOPES;

/** Where an option may stand, and the options that have to stand beside it. */
interface Place {
  readonly path: string;
  readonly put: (options: object) => object;
}

interface Row {
  readonly option: string;
  readonly in: readonly Scope[];
  readonly reads: (resolved: ResolvedRedisCacheOptions, scope: Scope) => unknown;
  readonly right: readonly (readonly [given: unknown, resolved: unknown])[];
  readonly expected: string;
  readonly wrong: readonly (readonly [given: unknown, got: string])[];
}

const ownClient = new Redis({ host: 'own', lazyConnect: true });
const inConnection = (beside: object): Place => ({
  path: 'connection.',
  put: (options) => ({ connection: { ...beside, ...options } }),
});
const SCOPES = {
  root: { path: '', put: (options) => ('connections' in options ? options : { connection: { host: 'h' }, ...options }) },
  url: inConnection({ url: 'redis://h' }),
  host: inConnection({ host: 'h' }),
  path: inConnection({ path: '/run/redis.sock' }),
  cluster: inConnection({ cluster: ['h:1'] }),
  client: inConnection({ client: ownClient }),
  retry: { path: 'connection.retry.', put: (retry) => ({ connection: { host: 'h', retry } }) },
  cache: { path: 'cache.', put: (cache) => ({ connection: { host: 'h' }, cache }) },
  namespace: {
    path: 'cache.namespaces.products.',
    put: (products) => ({ connection: { host: 'h' }, cache: { namespaces: { products } } }),
  },
} satisfies Record<string, Place>;

const EVERY_TARGET: Scope[] = ['url', 'host', 'path', 'cluster', 'client'];
const scopes = Object.keys(SCOPES) as Scope[];

const first = ({ connections }: ResolvedRedisCacheOptions) => connections[0]!;
const redisOf = (resolved: ResolvedRedisCacheOptions) => (first(resolved).target as { redis: Record<string, unknown> }).redis;
const namespaceOf = ({ cache }: ResolvedRedisCacheOptions, scope: Scope) =>
  scope === 'namespace' ? cache.namespaces[0]! : cache.defaults;

const DURATION = "a duration such as '5m', or milliseconds, of at least 1 ms and at most 100 years";
const TTL = "a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'";
const TEXT = 'a string that is not empty';
const noDurations = [[-1, '-1'], ['5', "'5'"], ['5 minutes', "'5 minutes'"], [true, 'true']] as const;
const serializer = { encode: () => '', decode: () => 1 };
class Product {}

const TABLE: readonly Row[] = [
  {
    option: 'connection', in: ['root'], reads: (resolved) => first(resolved).address,
    right: [[{ host: 'redis' }, 'redis:6379']],
    expected: 'an object', wrong: [[null, 'null'], ['redis://u:p@h', "'redis://***@h'"], [[], 'an array of 0']],
  },
  {
    option: 'connections', in: ['root'], reads: ({ connections }) => connections.map(({ name, address }) => [name, address]),
    right: [[{ default: { host: 'a' } }, [['default', 'a:6379']]]],
    expected: 'an object', wrong: [['default', "'default'"], [['default'], 'an array of 1'], [null, 'null']],
  },
  {
    option: 'keyPrefix', in: ['root'], reads: ({ keyPrefix }) => keyPrefix,
    right: [[undefined, 'app'], ['shop', 'shop'], ['shop:eu', 'shop:eu']],
    expected: 'a text that is not empty, without braces or NUL', wrong: [['', "''"], ['{shop}', "'{shop}'"], [7, '7']],
  },
  {
    option: 'cache', in: ['root'], reads: ({ cache }) => cache.defaults,
    right: [undefined, {}].map((given) => [
      given,
      { name: 'default', ttlMs: 300_000, serializer: 'typed', classes: [], connection: 'default', connectionOption: 'cache.connection' },
    ]),
    expected: 'an object', wrong: [[true, 'true'], ['5m', "'5m'"], [[], 'an array of 0']],
  },
  {
    option: 'url', in: ['url'], reads: (resolved) => [first(resolved).address, redisOf(resolved)],
    right: [
      ['redis://redis', ['redis:6379', { host: 'redis', port: 6379 }]],
      ['redis://u:p%40%3A@redis:7000/3', ['redis:7000', { host: 'redis', port: 7000, username: 'u', password: 'p@:', db: 3 }]],
      ['redis://:p@10.0.0.1/', ['10.0.0.1:6379', { host: '10.0.0.1', port: 6379, password: 'p' }]],
      ['rediss://redis', ['redis:6379', { host: 'redis', port: 6379, tls: {} }]],
      ['redis://[::1]:6380?family=6', ['::1:6380', { host: '::1', port: 6380, family: 6 }]],
    ],
    expected: "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)",
    wrong: [['', "''"], ['redis', "'redis'"], ['redis:6379', "'redis:6379'"], ['http://redis', "'http://redis'"],
      ['redis://', "'redis://'"], ['redis://h:70000', "'redis://h:70000'"], [6379, '6379'], [new URL('redis://h'), 'an object']],
  },
  {
    option: 'host', in: ['host'], reads: (resolved) => [first(resolved).address, redisOf(resolved)],
    right: [['redis', ['redis:6379', { host: 'redis', port: 6379 }]]],
    expected: TEXT, wrong: [['', "''"], [7, '7'], [null, 'null']],
  },
  {
    option: 'port', in: ['host'], reads: (resolved) => [first(resolved).address, redisOf(resolved).port],
    right: [[undefined, ['h:6379', 6379]], [1, ['h:1', 1]], [65_535, ['h:65535', 65_535]]],
    expected: 'a whole number from 1 to 65535', wrong: [[0, '0'], [65_536, '65536'], [1.5, '1.5'], ['6379', "'6379'"]],
  },
  {
    option: 'path', in: ['path'], reads: (resolved) => [first(resolved).address, redisOf(resolved)],
    right: [['/tmp/redis.sock', ['/tmp/redis.sock', { path: '/tmp/redis.sock' }]]],
    expected: TEXT, wrong: [['', "''"], [7, '7']],
  },
  {
    option: 'cluster', in: ['cluster'], reads: (resolved) => [first(resolved).address, first(resolved).target],
    right: [
      [['a:1', 'b'], ['a:1,b:6379', { kind: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 6379 }], redis: {} }]],
      [['[::1]:7000'], ['::1:7000', { kind: 'cluster', nodes: [{ host: '::1', port: 7000 }], redis: {} }]],
    ],
    expected: "an array such as ['10.0.0.1:6379']", wrong: [[[], 'an array of 0'], ['a:1', "'a:1'"], [{ a: 1 }, 'an object']],
  },
  {
    option: 'natMap', in: ['cluster'], reads: (resolved) => (first(resolved).target as { natMap?: unknown }).natMap,
    right: [[undefined, undefined], [{ 'a:1': { host: 'b', port: 2 } }, { 'a:1': { host: 'b', port: 2 } }]],
    expected: '', wrong: [],
  },
  {
    option: 'client', in: ['client'], reads: (resolved) => [first(resolved).address, first(resolved).target],
    right: [[ownClient, ['own:6379', { kind: 'client', client: ownClient }]]],
    expected: 'an ioredis client', wrong: [[{}, 'an object'], ['redis://h', "'redis://h'"], [null, 'null'], [Redis, 'a function']],
  },
  {
    option: 'username', in: ['url', 'host', 'path', 'cluster'], reads: (resolved) => redisOf(resolved).username,
    right: [[undefined, undefined], ['app', 'app']], expected: TEXT, wrong: [['', "''"], [7, '7']],
  },
  {
    option: 'password', in: ['url', 'host', 'path', 'cluster'], reads: (resolved) => redisOf(resolved).password,
    right: [[undefined, undefined], ['p@:/', 'p@:/']],
    expected: TEXT, wrong: [['', 'a value of 0 characters (hidden)'], [['p'], 'an array of 1'], [null, 'null']],
  },
  {
    option: 'db', in: ['url', 'host', 'path'], reads: (resolved) => redisOf(resolved).db,
    right: [[undefined, undefined], [0, 0], [15, 15]],
    expected: 'a whole number from 0 to 1000000', wrong: [[-1, '-1'], ['1', "'1'"], [0.5, '0.5'], [1_000_001, '1000001']],
  },
  {
    option: 'tls', in: ['url', 'host', 'cluster'], reads: (resolved) => redisOf(resolved).tls,
    right: [[undefined, undefined], [false, undefined], [true, {}], [{ servername: 's', ca: 'c' }, { servername: 's', ca: 'c' }]],
    expected: 'an object', wrong: [['yes', "'yes'"], [1, '1'], [['ca'], 'an array of 1']],
  },
  {
    option: 'connectTimeout', in: EVERY_TARGET, reads: (resolved) => first(resolved).connectTimeoutMs,
    right: [[undefined, 5_000], ['2s', 2_000], [250, 250]], expected: DURATION, wrong: [...noDurations, [0, '0']],
  },
  {
    option: 'commandTimeout', in: EVERY_TARGET, reads: (resolved) => first(resolved).commandTimeoutMs,
    right: [[undefined, 1_000], ['2s', 2_000], [250, 250]], expected: DURATION, wrong: [...noDurations, [0, '0']],
  },
  {
    option: 'keepAlive', in: EVERY_TARGET, reads: (resolved) => first(resolved).keepAliveMs,
    right: [[undefined, 30_000], ['1m', 60_000], [0, 0]], expected: DURATION.replace('1 ms', '0 ms'), wrong: noDurations,
  },
  {
    option: 'onBoot', in: EVERY_TARGET, reads: (resolved) => first(resolved).onBoot,
    right: [[undefined, 'degrade'], ['degrade', 'degrade'], ['fail', 'fail']],
    expected: "'degrade' or 'fail'", wrong: [['stop', "'stop'"], [true, 'true']],
  },
  {
    option: 'retry', in: EVERY_TARGET, reads: (resolved) => first(resolved).retry,
    right: [[undefined, { attempts: 3, delayMs: 100 }], [{ attempts: 5 }, { attempts: 5, delayMs: 100 }]],
    expected: 'an object', wrong: [[3, '3'], [false, 'false']],
  },
  {
    option: 'attempts', in: ['retry'], reads: (resolved) => first(resolved).retry,
    right: [[1, { attempts: 1, delayMs: 100 }], [100, { attempts: 100, delayMs: 100 }]],
    expected: 'a whole number from 1 to 100', wrong: [[0, '0'], [101, '101'], ['3', "'3'"], [Infinity, 'Infinity']],
  },
  {
    option: 'delay', in: ['retry'], reads: (resolved) => first(resolved).retry,
    right: [['1s', { attempts: 3, delayMs: 1_000 }], [0, { attempts: 3, delayMs: 0 }]],
    expected: DURATION.replace('1 ms', '0 ms'), wrong: noDurations,
  },
  {
    option: 'ttl', in: ['cache', 'namespace'], reads: (resolved, scope) => namespaceOf(resolved, scope).ttlMs,
    right: [[undefined, 300_000], ['10m', 600_000], [2_000, 2_000], ['forever', Infinity]],
    expected: TTL, wrong: [...noDurations, [0, '0'], [null, 'null'], ['Forever', "'Forever'"]],
  },
  {
    option: 'serializer', in: ['cache', 'namespace'], reads: (resolved, scope) => namespaceOf(resolved, scope).serializer,
    right: [undefined, 'typed', 'json', 'msgpack', serializer].map((given) => [given, given ?? 'typed']),
    expected: "'typed', 'json', 'msgpack' or an object with encode(value) and decode(bytes)",
    wrong: [['jsn', "'jsn'"], [JSON, 'an object'], [{ encode: () => '' }, 'an object'], [null, 'null']],
  },
  {
    option: 'classes', in: ['cache', 'namespace'],
    reads: (resolved, scope) => namespaceOf(resolved, scope).classes.map(({ classes }) => classes),
    right: [[undefined, []], [[Product], [[Product]]], [{ Product: serializer }, [{ Product: serializer }]]],
    expected: 'an object', wrong: [[Product, 'a function'], ['Product', "'Product'"], [null, 'null']],
  },
  {
    option: 'connection', in: ['cache', 'namespace'], reads: (resolved, scope) => namespaceOf(resolved, scope).connection,
    right: [[undefined, 'default'], ['durable', 'durable']], expected: TEXT, wrong: [['', "''"], [{ host: 'h' }, 'an object']],
  },
  {
    option: 'namespaces', in: ['cache'], reads: ({ cache }) => cache.namespaces.map(({ name }) => name),
    right: [[undefined, []], [{ products: {}, reviews: { ttl: '1h' } }, ['products', 'reviews']]],
    expected: 'an object', wrong: [[['products'], 'an array of 1'], ['products', "'products'"]],
  },
];
