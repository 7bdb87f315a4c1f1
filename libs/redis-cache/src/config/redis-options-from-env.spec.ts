import { getMetadataStorage } from 'class-validator';
import { describeGiven } from '../core/common/index.js';
import { connectionNamesOf, type RedisCacheOptions, resolveRedisCacheOptions } from '../redis-cache.options.js';
import { RedisEnvironment, VARIABLES_NOT_YET } from './redis.environment.js';
import { redisOptionsFromEnv } from './redis-options-from-env.js';

type Name = keyof RedisEnvironment;
type Env = Record<string, string>;

const PEM = '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----';
const PEM_LINES = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const URL_TEXT = "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)";
const BOOLEAN = "'true' or 'false' ('1' or '0')";
const DURATION = "a duration such as '5s', or milliseconds, of at most 24 days";
const HOST = 'the name or the IP address of a host, without scheme, port or password';
const PEM_TEXT = 'PEM text or the path of a file that holds it';
const PREFIX = 'a text without braces, and without "cache", "session" or another word of ours between ":"';
const NO_DURATIONS = ['5 minutes', '5sec', '-1', '1.5', 'soon', 'forever', '25d', '2147483648'];
const PLACES: Name[] = ['REDIS_URL', 'REDIS_HOST', 'REDIS_SOCKET_PATH', 'REDIS_CLUSTER_NODES'];

const connectionOf = ({ connection }: RedisCacheOptions) => ({ ...connection }) as Record<string, unknown>;
const tlsOf = (options: RedisCacheOptions) => connectionOf(options).tls;
const besideHost = (name: Name, value: string): Env => ({
  ...(PLACES.includes(name) ? {} : { REDIS_HOST: 'h' }),
  [name]: value,
});

const variable = (name: Name, reads: (options: RedisCacheOptions) => unknown) => ({
  accepts: (...right: [given: string, resulting: unknown][]) => {
    const row = { name, reads, right, expected: '', wrong: [] as string[] };
    return { ...row, refuses: (expected: string, ...wrong: string[]) => ({ ...row, expected, wrong }) };
  },
});

/** Every variable there is: which options right values become, and what is said of wrong ones. */
const TABLE = [
  variable('REDIS_URL', connectionOf)
    .accepts(['rediss://h', { url: 'rediss://h' }], ['redis://u:p@h:1/2', { url: 'redis://u:p@h:1/2' }])
    .refuses(URL_TEXT, 'h', 'h:6379', 'http://h', 'redis://', 'redis://h:x', 'redis://h:0', 'redis://h#'),
  variable('REDIS_HOST', connectionOf)
    .accepts(['redis', { host: 'redis' }], ['::1', { host: '::1' }])
    .refuses(HOST, 'h:1', 'redis://h', ' h'),
  variable('REDIS_PORT', connectionOf)
    .accepts(['1', { host: 'h', port: 1 }], ['65535', { host: 'h', port: 65_535 }])
    .refuses('a port from 1 to 65535', '0', '65536', '63.79', '-1', ' 6379'),
  variable('REDIS_SOCKET_PATH', connectionOf)
    .accepts(['/run/redis.sock', { path: '/run/redis.sock' }])
    .refuses('the path of a unix socket', 'redis://h', 'unix:///run/redis.sock'),
  variable('REDIS_CLUSTER_NODES', connectionOf)
    .accepts(['a:1', { cluster: ['a:1'] }], ['a:1, b ,[::1]:2', { cluster: ['a:1', 'b', '[::1]:2'] }])
    .refuses("addresses such as '10.0.0.1:6379,10.0.0.2:6379'", 'a:1,', 'a:x', 'a b', 'redis://a:1', 'a:0'),
  variable('REDIS_USERNAME', connectionOf).accepts(['app', { host: 'h', username: 'app' }]),
  variable('REDIS_PASSWORD', connectionOf).accepts([' p@:/ ', { host: 'h', password: ' p@:/ ' }]),
  variable('REDIS_DB', connectionOf)
    .accepts(['0', { host: 'h', db: 0 }], ['1000000', { host: 'h', db: 1_000_000 }])
    .refuses('the number of a database', 'one', '-1', '1.5', '1000001', ' 1', '1e1'),
  variable('REDIS_TLS', tlsOf)
    .accepts(['true', true], ['1', true], ['false', false], ['0', false])
    .refuses(BOOLEAN, 'yes', 'TRUE', 'on', ' true'),
  variable('REDIS_TLS_CA', tlsOf)
    .accepts([PEM, { ca: PEM_LINES }], [PEM_LINES, { ca: PEM_LINES }], [`\n "${PEM} " `, { ca: PEM_LINES }])
    .refuses(PEM_TEXT, 'MIIB', ''.padEnd(300, 'MIIB')),
  variable('REDIS_TLS_CERT', tlsOf).accepts([PEM, { cert: PEM_LINES }]),
  variable('REDIS_TLS_KEY', tlsOf).accepts([PEM, { key: PEM_LINES }]),
  variable('REDIS_TLS_SERVERNAME', tlsOf).accepts(['redis.example', { servername: 'redis.example' }]),
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
    .accepts(['1m', '1m'], ['60000', 60_000], ['0', 0])
    .refuses(DURATION, ...NO_DURATIONS),
  variable('CACHE_ENABLED', ({ cache }) => cache?.enabled)
    .accepts(['false', false], ['0', false], ['true', true], ['1', true])
    .refuses(BOOLEAN, 'no', 'off', 'False'),
  variable('CACHE_TTL', ({ cache }) => cache?.ttl)
    .accepts(['10m', '10m'], ['1500', 1_500], ['forever', 'forever'])
    .refuses("a duration such as '5m', milliseconds, or 'forever'", '0', '5 minutes', 'never', '-1'),
];

const VALID = Object.fromEntries(TABLE.map(({ name, right }) => [name, right[0]![0]])) as Record<Name, string>;
const NOT_YET = ['REDIS_SENTINELS', 'REDIS_SENTINEL_NAME', 'CACHE_ENCRYPTION_KEYS'];
const tableOf = TABLE.map((row) => [row.name, row] as const);
const isHidden = (name: Name) => /^REDIS_TLS_(CA|CERT|KEY)$/.test(name);
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
      const thrown = thrownBy(besideHost(name, given));
      expect(thrown).toMatchObject({ code: 'INVALID_OPTION', option: name });
      expect(thrown.message).toMatch(`${name}: expected ${row.expected}, got `);
      if (!isHidden(name)) expect(thrown.message).toMatch(`got ${describeGiven(name, given)}.`);
    }
  });

  it('is in the table above', () => {
    const known = getMetadataStorage().getTargetValidationMetadatas(RedisEnvironment, '', false, false);
    const names = [...new Set(known.map(({ propertyName }) => propertyName))];
    expect(TABLE.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(NOT_YET).toEqual(VARIABLES_NOT_YET);
  });

  it('is not set when it is empty', () => {
    const empty = Object.fromEntries([...TABLE.map(({ name }) => name), ...NOT_YET].map((name) => [name, '']));
    expect(redisOptionsFromEnv({ ...empty, REDIS_HOST: 'h' })).toEqual({ connection: { host: 'h' } });
    expect(redisOptionsFromEnv({ REDIS_HOST: 'h', REDIS_URL: undefined })).toEqual({ connection: { host: 'h' } });
  });

  it('is left alone when it is not ours', () => {
    const ofOthers = { PATH: '/bin', REDISCLI_AUTH: 'p', REDIS_SERVICE_HOST: '10.0.0.1', CACHE_CONTROL: 'x' };
    expect(redisOptionsFromEnv({ REDIS_HOST: 'h', ...ofOthers })).toEqual({ connection: { host: 'h' } });
  });

  it.each(NOT_YET)('%s stops the boot until its feature is there', (name) => {
    const message = `${name} is not available yet in this version of nestjs-redis-cache.`;
    const thrown = thrownBy({ REDIS_HOST: 'h', [name]: 'hunter2' });
    expect(thrown).toMatchObject({ code: 'NOT_AVAILABLE_YET', option: name });
    expect(thrown.message).toContain(message);
    expect(thrown.message).not.toContain('hunter2');
  });
});

describe('an environment', () => {
  it('that is wrong in several places has all of them named', () => {
    const wrong = { REDIS_PORT: 'x', REDIS_DB: 'one', REDIS_KEEPALIVE: 'yes', CACHE_TTL: '5 minutes' };
    const pem = { REDIS_TLS_CA: 'x', REDIS_TLS_CERT: 'x', REDIS_TLS_KEY: 'x' };
    const thrown = thrownBy({ REDIS_HOST: 'h', ...wrong, ...pem });
    expect(thrown).toMatchObject({ code: 'INVALID_OPTION', option: 'The environment' });
    for (const [name, given] of Object.entries(wrong))
      expect(thrown.message).toMatch(new RegExp(`${name}: .*got '${given}'\\.`));
    for (const name of Object.keys(pem)) expect(thrown.message).toContain(`${name}: expected ${PEM_TEXT}`);
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

  it('applies TLS wherever there is a network, and the number of a database wherever there are several', () => {
    const connectionAt = (place: Name, shared: Env) =>
      connectionOf(redisOptionsFromEnv({ ...shared, [place]: VALID[place] }));
    for (const place of ['REDIS_URL', 'REDIS_HOST', 'REDIS_CLUSTER_NODES'] as const) {
      expect(connectionAt(place, { REDIS_TLS: 'true' }).tls).toBe(true);
    }
    for (const place of ['REDIS_URL', 'REDIS_HOST', 'REDIS_SOCKET_PATH'] as const) {
      expect(connectionAt(place, { REDIS_DB: '2' }).db).toBe(2);
    }
  });

  it.each<[doubled: Name, url: string, beside: string]>([
    ['REDIS_USERNAME', 'redis://u@h', 'u'],
    ['REDIS_PASSWORD', 'redis://:p@h', 'p'],
    ['REDIS_DB', 'redis://h/1', '1'],
    ['REDIS_DB', 'redis://h/0', '0'],
  ])('has no %s beside %s', (name, url, beside) => {
    const message = `${name}: stands in REDIS_URL too. Give it once.`;
    const refusal = { code: 'INVALID_OPTION', option: name, message };
    expect(thrownBy({ REDIS_URL: url, [name]: beside })).toMatchObject(refusal);
    expect(() => redisOptionsFromEnv({ REDIS_URL: 'redis://h', [name]: beside })).not.toThrow();
  });

  it('does not switch off the TLS of its URL', () => {
    const message = 'REDIS_TLS: is off, but REDIS_URL begins with rediss://. Remove one of the two.';
    for (const off of ['false', '0']) {
      expect(thrownBy({ REDIS_URL: 'rediss://h', REDIS_TLS: off })).toMatchObject({ option: 'REDIS_TLS', message });
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
    expect(thrownBy({ REDIS_HOST: 'h', REDIS_PORT: 'x' }).message).not.toContain('Kubernetes');
  });
});

describe('a durable connection', () => {
  const details = { REDIS_TLS_CA: PEM, REDIS_TLS_SERVERNAME: 's', REDIS_TLS_REJECT_UNAUTHORIZED: '0' };
  const tls = { ca: PEM_LINES, servername: 's', rejectUnauthorized: false };
  const secure = { REDIS_DURABLE_URL: 'rediss://d', ...details };
  const connectionsOf = (env: Env) => redisOptionsFromEnv(env).connections;

  it('has the certificates of the environment when its URL asks for TLS', () => {
    expect(connectionsOf({ REDIS_HOST: 'h', ...secure })).toEqual({
      default: { host: 'h', tls },
      durable: { url: 'rediss://d', tls },
    });
    const plain = connectionsOf({ REDIS_HOST: 'h', ...secure, REDIS_DURABLE_URL: 'redis://d' });
    expect(plain?.durable).toEqual({ url: 'redis://d' });
  });

  it.each<[beside: Env, connection: object]>([
    [
      { REDIS_HOST: 'h', REDIS_TLS: 'false' },
      { host: 'h', tls: false },
    ],
    [{ REDIS_SOCKET_PATH: '/r.sock' }, { path: '/r.sock' }],
  ])('may be the only one with TLS (%#)', (beside, connection) => {
    expect(connectionsOf({ ...beside, ...secure })).toEqual({
      default: connection,
      durable: { url: 'rediss://d', tls },
    });
  });
});
