import { resolveLockCall, resolveLockOptions, type ResolvedLockOptions } from './lock.options.js';

const DEFAULTS: ResolvedLockOptions = {
  connections: ['default'],
  connectionOption: 'lock.connection',
  ttlMs: 10_000,
  waitMs: 15_000,
  maxTtlMs: 10_000,
  afterDataLoss: 'wait',
  isGiven: true,
};

describe('the options of locks', () => {
  it.each<[given: object, resolved: Partial<ResolvedLockOptions>]>([
    [{}, {}],
    [{ connection: 'durable' }, { connections: ['durable'] }],
    [{ quorum: ['a', 'b', 'c'] }, { connections: ['a', 'b', 'c'], connectionOption: 'lock.quorum' }],
    [{ ttl: '1m' }, { ttlMs: 60_000, maxTtlMs: 60_000 }],
    [{ ttl: 100 }, { ttlMs: 100, maxTtlMs: 100 }],
    [{ wait: 0 }, { waitMs: 0 }],
    [{ maxTtl: '5m' }, { maxTtlMs: 300_000 }],
    [{ afterDataLoss: 'grant' }, { afterDataLoss: 'grant' }],
  ])('%j', (given, resolved) => {
    expect(resolveLockOptions('lock', given)).toEqual({ ...DEFAULTS, ...resolved });
  });

  it('have defaults, and say whether they were given', () => {
    expect(resolveLockOptions('lock', undefined)).toEqual({ ...DEFAULTS, isGiven: false });
  });

  it('let who waits by default outlive a dead holder, and the closed time of a server that has just started', () => {
    const { waitMs, maxTtlMs } = resolveLockOptions('lock', undefined);
    expect(waitMs).toBeGreaterThan(maxTtlMs + 2_000); // Redis tells its age in whole seconds
  });

  it.each<[message: string, given: unknown]>([
    ['lock: expected an object, got true.', true],
    ['lock: expected an object, got null.', null],
    ['lock.connection: expected a string that is not empty', { connection: '' }],
    ['lock.quorum: expected the names of at least three connections', { quorum: ['a', 'b', 'a'] }],
    ['lock.quorum: expected the names of at least three connections', { quorum: 'a' }],
    ['lock.quorum: stands beside connection.', { quorum: ['a', 'b', 'c'], connection: 'a' }],
    ["lock.ttl: expected a duration such as '5m', or milliseconds, of at least 100 ms", { ttl: 99 }],
    ['lock.ttl: expected a duration', { ttl: 'forever' }],
    ['lock.wait: expected a duration', { wait: -1 }],
    ["lock.maxTtl: expected a duration such as '5m', or milliseconds, of at least 10000 ms", { maxTtl: '9s' }],
    ["lock.afterDataLoss: expected 'wait' or 'grant', got 'refuse'.", { afterDataLoss: 'refuse' }],
    ['lock.retries: there is no such option. Accepted here: connection, quorum, ttl, wait,', { retries: 3 }],
  ])('are refused: %s', (message, given) => {
    expect(() => resolveLockOptions('lock', given)).toThrow(message);
  });
});

describe('the options of a call', () => {
  const resolve = (given: unknown) => resolveLockCall('acquire', given, DEFAULTS);

  it('inherit what they do not say', () => {
    const inherited = { ttlMs: 10_000, waitMs: 15_000, mode: 'write', renew: true, purpose: '', signal: undefined };
    expect(resolve(undefined)).toEqual(inherited);
    const { signal } = new AbortController();
    const own = { ttl: '1s', wait: '2s', mode: 'read', renew: false, purpose: 'p', signal };
    expect(resolve(own)).toEqual({ ttlMs: 1_000, waitMs: 2_000, mode: 'read', renew: false, purpose: 'p', signal });
  });

  it.each<[message: string, given: unknown]>([
    ['acquire.ttl: expected at most 10000 ms (lock.maxTtl), got 11000 ms.', { ttl: '11s' }],
    ['acquire.ttl: expected a duration', { ttl: 99 }],
    ['acquire.wait: expected a duration', { wait: 'forever' }],
    ["acquire.mode: expected 'write' or 'read'", { mode: 'exclusive' }],
    ['acquire.renew: expected true or false', { renew: 'off' }],
    ['acquire.purpose: expected a text', { purpose: 5 }],
    ['acquire.signal: expected an AbortSignal', { signal: {} }],
  ])('are refused: %s', (message, given) => {
    expect(() => resolve(given)).toThrow(message);
  });
});
