import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { ConfigModule } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { getMetadataStorage } from 'class-validator';
import fc from 'fast-check';
import { getConnectionToken, RedisCacheModule, type RedisConnection } from 'nestjs-redis-cache';
import { connectionNamesOf, type RedisCacheOptions, resolveRedisCacheOptions } from '../redis-cache.options.js';
import { redisConfig } from './redis.config.js';
import { RedisEnvironment, VARIABLES_NOT_YET } from './redis.environment.js';
import { redisOptionsFromEnv } from './redis-options-from-env.js';

type Name = keyof RedisEnvironment;
type Env = Record<string, string>;

const PEM = '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----';
const PEM_LINES = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const URL_TEXT = "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)";
const BOOLEAN = "'true' or 'false'";
const DURATION = "a duration such as '5s', or milliseconds";
const PREFIX = 'a text without braces, and without "cache", "session" or another word of ours between ":"';
const PORT =
  'a port from 1 to 65535 (a Kubernetes service called "redis" sets this variable to a URL: set enableServiceLinks: false)';
const NO_DURATIONS = ['5 minutes', '5sec', '-1', '1.5', 'soon', 'forever'];
const PLACES: Name[] = ['REDIS_URL', 'REDIS_HOST', 'REDIS_SOCKET_PATH', 'REDIS_CLUSTER_NODES'];

const connectionOf = ({ connection }: RedisCacheOptions) => ({ ...connection }) as Record<string, unknown>;
const tlsOf = (options: RedisCacheOptions) => connectionOf(options).tls;
const besideHost = (name: Name, value: string): Env => ({
  ...(PLACES.includes(name) ? {} : { REDIS_HOST: 'h' }),
  [name]: value,
});

const variable = (name: Name, reads: (options: RedisCacheOptions) => unknown) => ({
  accepts: (...right: [given: string, resulting: unknown][]) => ({
    refuses: (expected: string, ...wrong: string[]) => ({ name, reads, right, expected, wrong }),
    // An empty text counts as not set.
    refusesNothing: () => ({ name, reads, right, expected: '', wrong: [] as string[] }),
  }),
});

/** Every variable there is: which options right values become, and what is said of wrong ones. */
const TABLE = [
  variable('REDIS_URL', connectionOf)
    .accepts(['redis://u:p@h:1/2', { url: 'redis://u:p@h:1/2' }], ['rediss://h', { url: 'rediss://h' }])
    .refuses(URL_TEXT, 'h', 'h:6379', 'http://h', 'redis://', 'redis://h:x'),
  variable('REDIS_HOST', connectionOf)
    .accepts(['redis', { host: 'redis' }])
    .refusesNothing(),
  variable('REDIS_PORT', connectionOf)
    .accepts(['1', { host: 'h', port: 1 }], ['65535', { host: 'h', port: 65_535 }])
    .refuses(PORT, '0', '65536', '63.79', '-1', ' 6379', 'tcp://10.0.0.1:6379'),
  variable('REDIS_SOCKET_PATH', connectionOf)
    .accepts(['/run/redis.sock', { path: '/run/redis.sock' }])
    .refusesNothing(),
  variable('REDIS_CLUSTER_NODES', connectionOf)
    .accepts(['a:1', { cluster: ['a:1'] }], ['a:1, b ,[::1]:2', { cluster: ['a:1', 'b', '[::1]:2'] }])
    .refuses("addresses such as '10.0.0.1:6379,10.0.0.2:6379'", 'a:1,', 'a:x', 'a b', 'redis://a:1', 'a:0'),
  variable('REDIS_USERNAME', connectionOf)
    .accepts(['app', { host: 'h', username: 'app' }])
    .refusesNothing(),
  variable('REDIS_PASSWORD', connectionOf)
    .accepts([' p@:/ ', { host: 'h', password: ' p@:/ ' }])
    .refusesNothing(),
  variable('REDIS_DB', connectionOf)
    .accepts(['0', { host: 'h', db: 0 }], ['15', { host: 'h', db: 15 }])
    .refuses('the number of a database', 'one', '-1', '1.5', '1234567'),
  variable('REDIS_TLS', tlsOf)
    .accepts(['true', true], ['1', true], ['false', false], ['0', false])
    .refuses(BOOLEAN, 'yes', 'TRUE', 'on', ' true'),
  variable('REDIS_TLS_CA', tlsOf)
    .accepts([PEM, { ca: PEM_LINES }], [PEM_LINES, { ca: PEM_LINES }])
    .refusesNothing(),
  variable('REDIS_TLS_CERT', tlsOf)
    .accepts([PEM, { cert: PEM_LINES }])
    .refusesNothing(),
  variable('REDIS_TLS_KEY', tlsOf)
    .accepts([PEM, { key: PEM_LINES }])
    .refusesNothing(),
  variable('REDIS_TLS_SERVERNAME', tlsOf)
    .accepts(['redis.example', { servername: 'redis.example' }])
    .refusesNothing(),
  variable('REDIS_TLS_REJECT_UNAUTHORIZED', tlsOf)
    .accepts(['false', { rejectUnauthorized: false }], ['1', { rejectUnauthorized: true }])
    .refuses(BOOLEAN, 'no', 'False'),
  variable('REDIS_DURABLE_URL', ({ connections }) => connections)
    .accepts(['redis://d', { default: { host: 'h' }, durable: { url: 'redis://d' } }])
    .refuses(URL_TEXT, 'd', 'http://d'),
  variable('REDIS_KEY_PREFIX', ({ keyPrefix }) => keyPrefix)
    .accepts(['shop:eu', 'shop:eu'])
    .refuses(PREFIX, '{shop}', 'shop:cache', 'session'),
  variable('REDIS_CONNECT_TIMEOUT', (options) => connectionOf(options).connectTimeout)
    .accepts(['2s', '2s'], ['250', 250])
    .refuses(DURATION, '0', ...NO_DURATIONS),
  variable('REDIS_COMMAND_TIMEOUT', (options) => connectionOf(options).commandTimeout)
    .accepts(['2s', '2s'], ['250', 250])
    .refuses(DURATION, '0', ...NO_DURATIONS),
  variable('REDIS_KEEPALIVE', (options) => connectionOf(options).keepAlive)
    .accepts(['1m', '1m'], ['60000', 60_000])
    .refuses(DURATION, ...NO_DURATIONS),
  variable('CACHE_TTL', ({ cache }) => cache?.ttl)
    .accepts(['10m', '10m'], ['1500', 1_500], ['forever', 'forever'])
    .refuses("a duration such as '5m', milliseconds, or 'forever'", '0', '5 minutes', 'never', '-1'),
];

const VALID = Object.fromEntries(TABLE.map(({ name, right }) => [name, right[0]![0]])) as Record<Name, string>;
const tableOf = TABLE.map((row) => [row.name, row] as const);
const thrownBy = (env: Env): Error => {
  try {
    redisOptionsFromEnv(env);
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
};

describe('a variable of the environment', () => {
  it.each(tableOf)('%s becomes an option that boots', (name, { reads, right }) => {
    for (const [given, resulting] of right) {
      const options = redisOptionsFromEnv(besideHost(name, given));
      expect([given, reads(options)]).toEqual([given, resulting]);
      expect(() => resolveRedisCacheOptions(options, connectionNamesOf(options))).not.toThrow();
    }
  });

  it.each(tableOf.filter(([, { wrong }]) => wrong.length > 0))('%s is named when it is wrong', (name, row) => {
    for (const given of row.wrong) {
      const message = `The environment: ${name}: expected ${row.expected}, got '${given}'.`;
      expect(thrownBy(besideHost(name, given))).toMatchObject({ code: 'INVALID_OPTION', message });
    }
  });

  it('is in the table above', () => {
    const known = getMetadataStorage().getTargetValidationMetadatas(RedisEnvironment, '', false, false);
    const names = [...new Set(known.map(({ propertyName }) => propertyName))];
    expect(TABLE.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it('is not set when it is empty', () => {
    const empty = Object.fromEntries(
      [...TABLE.map(({ name }) => name), ...VARIABLES_NOT_YET].map((name) => [name, '']),
    );
    expect(redisOptionsFromEnv({ ...empty, REDIS_HOST: 'h' })).toEqual({ connection: { host: 'h' } });
    expect(redisOptionsFromEnv({ REDIS_HOST: 'h', REDIS_URL: undefined })).toEqual({ connection: { host: 'h' } });
  });

  it('is left alone when it is not ours', () => {
    const ofOthers = { PATH: '/bin', REDISCLI_AUTH: 'p', REDIS_SERVICE_HOST: '10.0.0.1', CACHE_CONTROL: 'x' };
    expect(redisOptionsFromEnv({ REDIS_HOST: 'h', ...ofOthers })).toEqual({ connection: { host: 'h' } });
  });

  it.each(VARIABLES_NOT_YET)('%s stops the boot until its feature is there', (name) => {
    const message = `${name} is not available yet in this version of nestjs-redis-cache.`;
    const thrown = thrownBy({ REDIS_HOST: 'h', [name]: 'hunter2' });
    expect(thrown).toMatchObject({ code: 'NOT_AVAILABLE_YET', option: name });
    expect(thrown.message).toContain(message);
    expect(thrown.message).not.toContain('hunter2');
  });
});

describe('an environment', () => {
  it('that is wrong in several places has all of them named', () => {
    const wrong = { REDIS_PORT: 'x', REDIS_DB: 'one', REDIS_TLS: 'yes', CACHE_TTL: '5 minutes' };
    const { message } = thrownBy({ REDIS_HOST: 'h', ...wrong });
    for (const [name, given] of Object.entries(wrong))
      expect(message).toMatch(new RegExp(`${name}: .*got '${given}'\\.`));
  });

  it('says in exactly one way where Redis is', () => {
    const expected = `The environment: expected exactly one of ${PLACES.join(', ')}, got`;
    expect(thrownBy({ CACHE_TTL: '5m' }).message).toBe(`${expected} none of them.`);
    for (const one of PLACES) {
      for (const other of PLACES.slice(PLACES.indexOf(one) + 1)) {
        const { message } = thrownBy({ [one]: VALID[one], [other]: VALID[other] });
        expect(message).toBe(`${expected} ${one} and ${other}.`);
      }
    }
  });

  it.each<[place: Name, misplaced: Name[]]>([
    ['REDIS_URL', ['REDIS_PORT']],
    ['REDIS_SOCKET_PATH', ['REDIS_PORT', 'REDIS_TLS', 'REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY']],
    ['REDIS_SOCKET_PATH', ['REDIS_TLS_SERVERNAME', 'REDIS_TLS_REJECT_UNAUTHORIZED']],
    ['REDIS_CLUSTER_NODES', ['REDIS_PORT', 'REDIS_DB']],
  ])('with %s has no place for %j', (place, misplaced) => {
    for (const name of misplaced) {
      const message = `${name}: has no meaning beside ${place}. Remove it.`;
      const thrown = thrownBy({ [place]: VALID[place], [name]: VALID[name] });
      expect(thrown).toMatchObject({ code: 'INVALID_OPTION', option: name, message });
    }
  });

  it('applies credentials to every place, and timeouts to both connections', () => {
    const shared = { REDIS_USERNAME: 'u', REDIS_PASSWORD: 'p', REDIS_COMMAND_TIMEOUT: '2s' };
    for (const place of PLACES) {
      const { connection, connections } = redisOptionsFromEnv({
        ...shared,
        [place]: VALID[place],
        REDIS_DURABLE_URL: 'redis://d',
      });
      expect([connection, connections?.durable]).toEqual([undefined, { url: 'redis://d', commandTimeout: '2s' }]);
      expect(connections?.default).toMatchObject({ username: 'u', password: 'p', commandTimeout: '2s' });
    }
  });

  it('explains the port that Kubernetes makes of a service called redis', () => {
    const kubernetes = {
      REDIS_PORT: 'tcp://10.0.0.1:6379',
      REDIS_PORT_6379_TCP: 'tcp://10.0.0.1:6379',
      REDIS_SERVICE_PORT: '6379',
    };
    for (const place of PLACES) {
      expect(thrownBy({ ...kubernetes, [place]: VALID[place] }).message).toContain('set enableServiceLinks: false');
    }
  });
});

describe('certificates', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'redis-cache-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('may lie in files', () => {
    writeFileSync(join(folder, 'ca.pem'), PEM_LINES);
    const options = redisOptionsFromEnv({ REDIS_HOST: 'h', REDIS_TLS: 'true', REDIS_TLS_CA: join(folder, 'ca.pem') });
    expect(tlsOf(options)).toEqual({ ca: PEM_LINES });
  });

  it.each(['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY'])('that cannot be read are named (%s)', (name) => {
    const thrown = thrownBy({ REDIS_HOST: 'h', [name]: join(folder, 'missing.pem') });
    expect(thrown).toMatchObject({ code: 'INVALID_OPTION', option: name, cause: { code: 'ENOENT' } });
    expect(thrown.message).toMatch(`${name}: expected PEM text or the path of a readable file: ENOENT`);
  });

  it('are refused when TLS is off', () => {
    const message = "REDIS_TLS: is off, but other REDIS_TLS_ variables are set. Set it to 'true', or remove them.";
    expect(thrownBy({ REDIS_HOST: 'h', REDIS_TLS: 'false', REDIS_TLS_CA: PEM })).toMatchObject({ message });
  });
});

describe('a password', () => {
  const password = fc.string({ unit: fc.constantFrom(...'QXZ0123456789!$&*:;=~_-'), minLength: 8, maxLength: 100 });

  it.each<[place: string, envWith: (secret: string) => Env]>([
    ['in a wrong URL', (p) => ({ REDIS_URL: `http://u:${p}@h` })],
    ['in a URL beside a wrong port', (p) => ({ REDIS_URL: `redis://u:${p}@h`, REDIS_PORT: 'x' })],
    ['in a wrong URL of the durable connection', (p) => ({ REDIS_HOST: 'h', REDIS_DURABLE_URL: `u:${p}@h` })],
    ['in the URL of a node', (p) => ({ REDIS_CLUSTER_NODES: `redis://u:${p}@h` })],
    ['in a node behind another', (p) => ({ REDIS_CLUSTER_NODES: `a:1,u:${p}@h:1` })],
    ['of its own beside a wrong port', (p) => ({ REDIS_HOST: 'h', REDIS_PASSWORD: p, REDIS_PORT: 'x' })],
    ['in one of two places', (p) => ({ REDIS_HOST: 'h', REDIS_URL: `redis://u:${p}@h` })],
    ['in a key beside TLS that is off', (p) => ({ REDIS_HOST: 'h', REDIS_TLS: '0', REDIS_TLS_KEY: PEM + p })],
  ])('is in no refusal: %s', (_, envWith) => {
    fc.assert(
      fc.property(password, (secret) => {
        const thrown = thrownBy(envWith(secret));
        expect(thrown).toMatchObject({ code: 'INVALID_OPTION' });
        expect(`${String(thrown)} ${JSON.stringify(thrown)} ${inspect(thrown)}`).not.toContain(secret);
      }),
    );
  });
});

describe('redisConfig', () => {
  afterEach(() => jest.restoreAllMocks());

  const boot = async (env: Env, connections: string[]): Promise<string[]> => {
    jest.replaceProperty(process, 'env', env);
    const imports = [
      ConfigModule.forRoot({ ignoreEnvFile: true }),
      RedisCacheModule.forRootAsync({ connections, ...redisConfig.asProvider() }),
    ];
    const moduleRef = await Test.createTestingModule({ imports }).compile();
    const addresses = connections.map((name) => moduleRef.get<RedisConnection>(getConnectionToken(name)).address);
    await moduleRef.close();
    return addresses;
  };

  it('carries the environment through ConfigModule into the module', async () => {
    expect(await boot({ REDIS_HOST: 'h', REDIS_PORT: '7000' }, ['default'])).toEqual(['h:7000']);
    const both = { REDIS_URL: 'redis://h', REDIS_DURABLE_URL: 'redis://d' };
    expect(await boot(both, ['default', 'durable'])).toEqual(['h:6379', 'd:6379']);
  });

  it('stops the boot with the name of a wrong variable', async () => {
    await expect(boot({ REDIS_HOST: 'h', CACHE_TTL: 'soon' }, ['default'])).rejects.toThrow(
      'CACHE_TTL: expected a duration',
    );
  });
});
