import { KeyRing } from '../core/codec/index.js';
import { resolveSessionOptions, type ResolvedSessionOptions, type SessionOptions } from './session.options.js';

const resolve = (given: unknown): ResolvedSessionOptions => resolveSessionOptions('session', given);
const secret = 's'.repeat(32);
const validate = () => true;
const keys = [Buffer.alloc(32, 1).toString('base64')];

describe('the options of sessions', () => {
  it('have defaults: 30 minutes idle, 24 hours at most, a cookie for this host alone', () => {
    expect(resolve(undefined)).toEqual({
      isConfigured: false,
      connection: 'default',
      idleTimeoutMs: 1_800_000,
      absoluteTimeoutMs: 86_400_000,
      touchIntervalMs: 60_000,
      rotationGraceMs: 10_000,
      maxSize: 65_536,
      maxPerUser: undefined,
      whenFull: 'evict-oldest',
      secret: undefined,
      encryption: undefined,
      classes: [],
      validate: expect.any(Function),
      cookie: { name: '__Host-sid', secure: true, sameSite: 'lax', domain: undefined, path: '/', maxAgeMs: undefined },
      bearer: false,
      onUnavailable: 'reject',
    });
    expect(resolve({}).isConfigured).toBe(true);
  });

  const accepted: readonly (readonly [SessionOptions, object])[] = [
    [{ connection: 'durable' }, { connection: 'durable' }],
    [{ idleTimeout: '2m' }, { idleTimeoutMs: 120_000, touchIntervalMs: 12_000 }],
    [
      { idleTimeout: '2h', absoluteTimeout: '2h' },
      { absoluteTimeoutMs: 7_200_000, touchIntervalMs: 60_000 },
    ],
    [{ touchInterval: 0 }, { touchIntervalMs: 0 }],
    [{ rotationGrace: '1s' }, { rotationGraceMs: 1_000 }],
    [
      { maxSize: 1_000, maxPerUser: 3, whenFull: 'reject' },
      { maxSize: 1_000, maxPerUser: 3, whenFull: 'reject' },
    ],
    [
      { secret, validate, classes: [Date] },
      { secret, validate, classes: [{ option: 'session.classes', classes: [Date] }] },
    ],
    [
      { cookie: false, bearer: true },
      { cookie: undefined, bearer: true },
    ],
    [
      { cookie: { name: '__Secure-sid', domain: 'shop.example', path: '/app', sameSite: 'none', maxAge: '1d' } },
      { cookie: expect.objectContaining({ domain: 'shop.example', path: '/app', maxAgeMs: 86_400_000 }) },
    ],
    [{ encryption: { keys } }, { encryption: expect.any(KeyRing) }],
    [{ onUnavailable: 'anonymous' }, { onUnavailable: 'anonymous' }],
  ];

  it.each(accepted)('accept %j', (given, resolved) => expect(resolve(given)).toMatchObject(resolved));

  it.each([
    ['session', [], 'expected an object'],
    ['session.connection', { connection: '' }, 'a string that is not empty'],
    ['session.idleTimeout', { idleTimeout: '30' }, 'a duration'],
    ['session.absoluteTimeout', { absoluteTimeout: 0 }, 'a duration'],
    ['session.absoluteTimeout', { absoluteTimeout: '10m' }, 'shorter than session.idleTimeout'],
    ['session.touchInterval', { touchInterval: '16m' }, 'at most 900000 ms'],
    ['session.rotationGrace', { rotationGrace: '1h' }, 'at most 300000 ms'],
    ['session.maxSize', { maxSize: 0 }, 'a whole number'],
    ['session.maxPerUser', { maxPerUser: 1.5 }, 'a whole number'],
    ['session.whenFull', { whenFull: 'newest' }, "'evict-oldest' or 'reject'"],
    ['session.secret', { secret: 'hunter2' }, 'at least 32 characters, got a value of 7 characters (hidden)'],
    ['session.encryption', { encryption: 'aes' }, 'an object'],
    ['session.encryption.keys', { encryption: { keys: 'hunter2' } }, 'an array of keys'],
    ['session.encryption.keys[0]', { encryption: { keys: ['hunter2'] } }, 'a value of 7 characters (hidden)'],
    ['session.encryption.key', { encryption: { key: 'x' } }, 'there is no such option'],
    ['session.validate', { validate: true }, 'a function'],
    ['session.classes', { classes: 7 }, 'an object'],
    ['session.bearer', { bearer: 'yes' }, 'true or false'],
    ['session.cookie', { cookie: false }, 'no request could have a session'],
    ['session.cookie.name', { cookie: { name: 'a b' } }, 'a name for a cookie'],
    ['session.cookie.name', { cookie: { domain: 'shop.example' } }, 'begins with __Host-'],
    ['session.cookie.name', { cookie: { path: '/app' } }, 'begins with __Host-'],
    ['session.cookie.name', { cookie: { name: '__HOST-sid', path: '/app' } }, 'begins with __Host-'],
    ['session.cookie.domain', { cookie: { name: 'sid', domain: 'shop.example; HttpOnly' } }, 'a domain'],
    ['session.cookie.domain', { cookie: { name: 'sid', domain: 'https://shop.example' } }, 'a domain'],
    ['session.cookie.path', { cookie: { name: 'sid', path: '/a;b' } }, 'a path that begins with "/"'],
    ['session.cookie.path', { cookie: { name: 'sid', path: 'app' } }, 'a path that begins with "/"'],
    ['session.cookie.secure', { cookie: { secure: false } }, "true or 'auto'"],
    ['session.cookie.sameSite', { cookie: { sameSite: 'Lax' } }, "'strict' or 'lax' or 'none'"],
    ['session.cookie.httpOnly', { cookie: { httpOnly: false } }, 'there is no such option'],
    ['session.onUnavailable', { onUnavailable: 'allow' }, "'reject' or 'anonymous'"],
    ['session.idle', { idle: '5m' }, 'there is no such option'],
  ])('refuse %s in %j', (option, given, message) => {
    expect(() => resolve(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
    expect(() => resolve(given)).toThrow(message);
  });

  it('refuse a plain cookie in production', () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      expect(() => resolve({ cookie: { secure: 'auto' } })).toThrow('NODE_ENV is production');
      expect(resolve({}).cookie).toMatchObject({ secure: true });
    } finally {
      process.env.NODE_ENV = before;
    }
    expect(resolve({ cookie: { secure: 'auto' } }).cookie).toMatchObject({ secure: 'auto' });
  });
});
