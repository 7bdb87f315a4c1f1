import fc from 'fast-check';
import {
  describeGiven,
  hideCredentials,
  refuse,
  refuseUnknownKeys,
  requireInteger,
  requireObject,
  requireOneOf,
  requireString,
} from './option.js';

const SECRET_OPTIONS = [
  ...['connection.password', 'REDIS_PASSWORD', 'passphrase', 'session.secret', 'clientSecret', 'csrfToken'],
  ...['REDIS_TLS_KEY', 'tls.key', 'encryption.keys', 'CACHE_ENCRYPTION_KEYS', 'tls.cert', 'REDIS_TLS_CERT'],
  ...['tls.ca', 'REDIS_TLS_CA', 'ca', 'connection.tls', 'REDIS_TLS', 'encryption.keys[0]'],
];

/** Eight letters and digits that no message holds by chance. */
const secret = fc.string({ unit: fc.constantFrom(...'QXZ0123456789'), minLength: 8, maxLength: 40 });

describe('what was given', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [12n, '12'],
    [false, 'false'],
    [Symbol('hunter2'), 'a symbol'],
    ['', "''"],
    ['5 minutes', "'5 minutes'"],
    ['a\0\n\u009b\ud800', "'a\\u0000\\u000a\\u009b\\ud800'"],
    [[], 'an array of 0'],
    [[1, 2], 'an array of 2'],
    [{ password: 'hunter2' }, 'an object'],
    [new Date(0), 'an object'],
    [() => 'hunter2', 'a function'],
    ['x'.repeat(80), `'${'x'.repeat(80)}'`],
    ['x'.repeat(81), `'${'x'.repeat(77)}…'`],
    ['redis://redis:6379', "'redis://redis:6379'"],
    ['redis://[::1]', "'redis://[::1]'"],
    ['redis://user:hunter2@redis:6379/0', "'redis://redis:6379…'"],
    ['rediss://:hunter2@redis', "'rediss://redis…'"],
    ['redis://redis:70000?password=hunter2', "'redis://…'"],
    ['redis://redis?password=hunter2', "'redis://redis…'"],
    ['redis://:hunter2', "'redis://…'"],
    ['redis://u:p@hunter2@redis:70000', "'redis://…'"],
    ['redis://u:12/hunter2@redis', "'redis://…'"],
    ['redis://u:12?hunter2@redis', "'redis://…'"],
    ['redis://u%3Ahunter2%40redis', "'redis://…'"],
    ['redis://u:x@a:1,redis://u:hunter2@b:1', "'redis://…'"],
    ['redis://a,redis://u:hunter2@b:1', "'redis://…'"],
    [' redis://:hunter2', 'a text of 17 characters (hidden: it may hold a password)'],
    ['user:hunter2@redis:6379', 'a text of 23 characters (hidden: it may hold a password)'],
    ['-----BEGIN PRIVATE KEY-----hunter2', 'a text of 34 characters (hidden: it may hold a password)'],
  ])('%p is told as %s', (given, told) => {
    expect(describeGiven('connection.cluster[0]', given)).toBe(told);
  });

  it.each(SECRET_OPTIONS)('is hidden in %s', (option) => {
    fc.assert(
      fc.property(secret, (given) => describeGiven(option, given) === `a value of ${given.length} characters (hidden)`),
    );
  });

  it.each([...SECRET_OPTIONS, 'connection.url'])('is hidden in %s, whatever its type', (option) => {
    expect(describeGiven(option, 12345678)).toBe('a number (hidden)');
    expect(describeGiven(option, 12345678n)).toBe('a bigint (hidden)');
    expect(describeGiven(option, Symbol('12345678'))).toBe('a symbol');
  });

  it.each(['connection.url', 'REDIS_URL', 'REDIS_DURABLE_URL'])('is hidden in %s when it is no URL', (option) => {
    expect(describeGiven(option, 'user:hunter2')).toBe('a text of 12 characters (hidden: it may hold a password)');
    expect(describeGiven(option, '')).toBe("''");
  });

  it.each([
    ...['keyPrefix', 'REDIS_KEY_PREFIX', 'cache.ttl', 'connection.cluster', 'location', 'REDIS_CLUSTER_NODES'],
    ...['cache.namespaces.tokens.ttl', 'connections.passwords.port'],
  ])('is shown in %s', (option) => expect(describeGiven(option, 'shop:eu')).toBe("'shop:eu'"));

  it('holds no password of a URL, whatever the option, the user and the rest of the URL', () => {
    const part = fc.string({ unit: fc.constantFrom(...'ab:%._-') });
    fc.assert(
      fc.property(
        secret,
        part,
        part,
        fc.constantFrom('redis', 'rediss', 'http', 'r'),
        (password, user, end, scheme) => {
          const url = `${scheme}://${user}:${password}@host${end}`;
          expect(describeGiven('connection.url', url)).not.toContain(password);
          expect(hideCredentials(url)).not.toContain(password);
          expect(hideCredentials(url)).toMatch(`${scheme}://`);
        },
      ),
    );
  });

  it('holds no password that a separator cuts in two', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom('/', '?', '#'), (password, separator) => {
        const url = `redis://user:${password}${separator}${password}@host`;
        expect(describeGiven('connection.url', url)).not.toContain(password);
      }),
    );
  });
});

describe('a check', () => {
  it.each<[name: string, check: (given: unknown) => unknown, right: unknown[], wrong: [unknown, string][]]>([
    [
      'requireObject',
      (given) => requireObject('o', given),
      [{}, { a: 1 }],
      [
        [null, 'o: expected an object, got null.'],
        [[], 'o: expected an object, got an array of 0.'],
        ['a', "o: expected an object, got 'a'."],
      ],
    ],
    [
      'requireString',
      (given) => requireString('o', given),
      ['a', ' '],
      [
        ['', "o: expected a string that is not empty, got ''."],
        [1, 'o: expected a string that is not empty, got 1.'],
        [undefined, 'o: expected a string that is not empty, got nothing.'],
      ],
    ],
    [
      'requireInteger',
      (given) => requireInteger('o', given, { min: 1, max: 9 }),
      [1, 9],
      [
        [0, 'o: expected a whole number from 1 to 9, got 0.'],
        [10, 'o: expected a whole number from 1 to 9, got 10.'],
        [1.5, 'o: expected a whole number from 1 to 9, got 1.5.'],
        ['1', "o: expected a whole number from 1 to 9, got '1'."],
      ],
    ],
    [
      'requireOneOf',
      (given) => requireOneOf('o', given, ['a', 'b']),
      ['a', 'b'],
      [
        ['c', "o: expected 'a' or 'b', got 'c'."],
        [undefined, "o: expected 'a' or 'b', got nothing."],
      ],
    ],
  ])('%s gives back what is right and refuses what is wrong', (_, check, right, wrong) => {
    for (const given of right) expect(check(given)).toBe(given);
    for (const [given, message] of wrong) {
      expect(() => check(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message }));
    }
  });

  it('names the option, what is accepted and what was given', () => {
    expect(() => refuse('cache.ttl', 'a duration', '5 minutes')).toThrow(
      expect.objectContaining({
        name: 'InvalidOptionError',
        code: 'INVALID_OPTION',
        option: 'cache.ttl',
        message: "cache.ttl: expected a duration, got '5 minutes'.",
      }),
    );
  });
});

describe('an option nobody reads', () => {
  const accept =
    (given: object, path = 'cache') =>
    () =>
      refuseUnknownKeys(path, given as Record<string, unknown>, { known: ['ttl', 'l2'], notYet: ['l1'] });

  it('is refused with those that are accepted', () => {
    const message = 'cache.tll: there is no such option. Accepted here: ttl, l2.';
    expect(accept({ ttl: 1, tll: 1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'cache.tll', message }),
    );
    expect(accept({ tll: 1 }, '')).toThrow(expect.objectContaining({ option: 'tll' }));
  });

  it('is told from one that is not available yet', () => {
    const message =
      'cache.l1 is not available yet in this version of nestjs-redis-cache. Remove it: ignoring it would be unsafe.';
    const refusal = { name: 'NotAvailableYetError', code: 'NOT_AVAILABLE_YET', option: 'cache.l1', message };
    expect(accept({ l1: true })).toThrow(expect.objectContaining(refusal));
    expect(accept({ l1: false })).toThrow(expect.objectContaining(refusal));
  });

  it('does no harm while it is undefined', () => {
    expect(accept({ tll: undefined, l1: undefined, ttl: undefined, l2: null })).not.toThrow();
  });

  it('cannot hide behind the names every object has', () => {
    expect(accept(JSON.parse('{ "__proto__": 1 }') as object)).toThrow('cache.__proto__: there is no such option.');
    expect(accept({ toString: 1 })).toThrow('cache.toString: there is no such option.');
  });
});
