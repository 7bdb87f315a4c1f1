/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import type { Redis } from 'ioredis';
import {
  type CacheService,
  defineScript,
  isRedisCacheError,
  RedisCacheModule,
  type RedisCacheOptions,
  type RedisConnection,
  type Ttl,
} from 'nestjs-redis-cache';
import { redisConfig, redisOptionsFromEnv } from 'nestjs-redis-cache/config';

interface Product {
  readonly id: string;
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare const cache: CacheService;
declare const redis: RedisConnection;
declare const client: Redis;
declare const url: string;
declare const maybe: Product | undefined;
declare function options(given: RedisCacheOptions): void;
declare function connection(given: NonNullable<RedisCacheOptions['connection']>): void;
declare function ttl(given: Ttl): void;
declare function loadProduct(): Promise<Product | null>;
/** Compiles only when the value has exactly the expected type. */
declare function is<Expected>(): <Actual>(
  value: Actual,
  ...proof: Same<Actual, Expected> extends true ? [] : [never]
) => void;

// Where Redis is: one way for each connection.
connection({ url, password: 'p', tls: true, connectTimeout: '2s', retry: { attempts: 5, delay: 100 }, onBoot: 'fail' });
connection({ host: 'redis', port: 6380, db: 1, tls: { servername: 'redis' } });
connection({ path: '/run/redis.sock', username: 'app' });
connection({ cluster: ['a:1', 'b:2'], natMap: { 'a:1': { host: 'b', port: 2 } } });
connection({ client });
// @ts-expect-error -- two places
connection({ url, host: 'redis' });
// @ts-expect-error -- two places
connection({ cluster: ['a:1'], client });
// @ts-expect-error -- no place
connection({ port: 6379 });
// @ts-expect-error -- the port stands in the url
connection({ url, port: 6379 });
// @ts-expect-error -- a cluster has one database
connection({ cluster: ['a:1'], db: 1 });
// @ts-expect-error -- no TLS on a socket
connection({ path: '/run/redis.sock', tls: true });
// @ts-expect-error -- a client brings its own credentials
connection({ client, password: 'p' });
// @ts-expect-error -- a node is a text
connection({ cluster: [{ host: 'a', port: 1 }] });
// @ts-expect-error -- a port is a number
connection({ host: 'redis', port: '6379' });
// @ts-expect-error -- not one of the two
connection({ url, onBoot: 'stop' });
// @ts-expect-error -- a duration has a unit of ours
connection({ url, commandTimeout: '1sec' });
// @ts-expect-error -- unknown option
connection({ url, timeout: 1_000 });
// @ts-expect-error -- unknown option of retry
connection({ url, retry: { times: 3 } });

// The module.
options({
  connection: { url },
  keyPrefix: 'shop',
  cache: { ttl: '10m', namespaces: { products: { ttl: 'forever' } } },
});
options({ connections: { default: { url }, durable: { host: 'durable' } } });
options(redisOptionsFromEnv(process.env));
// @ts-expect-error -- neither connection nor connections
options({ keyPrefix: 'shop' });
// @ts-expect-error -- both connection and connections
options({ connection: { url }, connections: { default: { url } } });
// @ts-expect-error -- unknown option
options({ connection: { url }, keyprefix: 'shop' });
// @ts-expect-error -- unknown option of the cache
options({ connection: { url }, cache: { tll: '5m' } });
// @ts-expect-error -- unknown option of a namespace
options({ connection: { url }, cache: { namespaces: { products: { namespaces: {} } } } });
// @ts-expect-error -- no such serialiser
options({ connection: { url }, cache: { serializer: 'jsn' } });
// @ts-expect-error -- half a serialiser
options({ connection: { url }, cache: { serializer: { encode: () => '' } } });
options({ connection: { url }, cache: { serializer: { encode: String, decode: (bytes) => bytes.toString() } } });

RedisCacheModule.forRoot({ connection: { url }, isGlobal: false });
RedisCacheModule.forRootAsync(redisConfig.asProvider());
RedisCacheModule.forRootAsync({ connections: ['default', 'durable'], ...redisConfig.asProvider() });
RedisCacheModule.forRootAsync({ inject: ['URL'], useFactory: (given: string) => ({ connection: { url: given } }) });
// @ts-expect-error -- nothing makes the options
RedisCacheModule.forRootAsync({ connections: ['default'] });
// @ts-expect-error -- the factory forgets the connection
RedisCacheModule.forRootAsync({ useFactory: () => ({ keyPrefix: 'shop' }) });
// @ts-expect-error -- words instead of a unit, in what a factory makes
RedisCacheModule.forRootAsync({ useFactory: () => ({ connection: { url }, cache: { ttl: '5 minutes' } }) });
RedisCacheModule.forFeature([{ namespace: 'products', ttl: '10m', classes: [Date] }]);
// @ts-expect-error -- a namespace needs its name
RedisCacheModule.forFeature([{ ttl: '10m' }]);

// Times.
ttl(250);
ttl('1.5h');
ttl('forever');
// @ts-expect-error -- words instead of a unit
ttl('5 minutes');
// @ts-expect-error -- not a unit of ours
ttl('30sec');
// @ts-expect-error -- no unit
ttl('30');
// @ts-expect-error -- not the word
ttl('never');

// Values and keys.
void cache.set('key', null);
void cache.set('key', 0, { ttl: '10s' });
void cache.setMany([['key', { id: '1' }]]);
void cache.touch('key', 'forever');
// @ts-expect-error -- undefined is no value
void cache.set('key', undefined);
// @ts-expect-error -- it may be undefined
void cache.set('key', maybe);
// @ts-expect-error -- undefined is no value
void cache.setMany([['key', undefined]]);
// @ts-expect-error -- a key is a string
void cache.set(1, 'value');
// @ts-expect-error -- a key is a string
void cache.get(1);
// @ts-expect-error -- words instead of a unit
void cache.set('key', 'value', { ttl: '5 minutes' });
// @ts-expect-error -- unknown option
void cache.set('key', 'value', { tll: '5m' });

is<Promise<Product | undefined>>()(cache.get<Product>('key'));
is<Promise<unknown>>()(cache.get('key'));
is<Promise<number>>()(cache.getOrSet('key', () => 1));
is<Promise<Product | null>>()(cache.getOrSet('key', loadProduct));
is<Promise<Product | null>>()(cache.getOrSet('key', async () => maybe ?? null, { ttl: '1m' }));
is<Promise<Map<string, Product>>>()(cache.getMany<Product>(['key']));
// @ts-expect-error -- the loader gives something else
void cache.getOrSet<Product>('key', () => 'product');

// Scripts.
const addUpTo = defineScript({
  name: 'addUpTo',
  lua: '',
  keys: ['counter', 'log'],
  args: ['limit'],
  resend: 'never',
  reply: (raw) => raw as number,
});
is<Promise<number>>()(redis.run(addUpTo, { counter: 'a', log: 'b' }, { limit: 100 }));
// @ts-expect-error -- a missing key
void redis.run(addUpTo, { counter: 'a' }, { limit: 100 });
// @ts-expect-error -- an extra key
void redis.run(addUpTo, { counter: 'a', log: 'b', other: 'c' }, { limit: 100 });
// @ts-expect-error -- a missing argument
void redis.run(addUpTo, { counter: 'a', log: 'b' }, {});
// @ts-expect-error -- an extra argument
void redis.run(addUpTo, { counter: 'a', log: 'b' }, { limit: 100, other: 1 });
// @ts-expect-error -- an argument is a text, a number or bytes
void redis.run(addUpTo, { counter: 'a', log: 'b' }, { limit: true });
// @ts-expect-error -- whether it may be sent again must be said
defineScript({ name: 'x', lua: '', keys: [], args: [], reply: Number });

// Errors.
try {
  void 0;
} catch (error) {
  if (isRedisCacheError(error, 'COMMAND_TIMEOUT')) is<'COMMAND_TIMEOUT'>()(error.code);
}
