import { isRedisCacheError } from '../common/index.js';
import { mayTryAgain, toCommandFailure } from './command-failure.js';
import { CommandTimeoutError, RedisUnavailableError } from './connection.errors.js';

const reply = (message: string): unknown =>
  toCommandFailure(Object.assign(new Error(message), { name: 'ReplyError' }), 'a:1');

describe('a failed command', () => {
  it.each([
    ['LOADING Redis is loading the dataset in memory', true],
    ["READONLY You can't write against a read only replica.", true],
    ['CLUSTERDOWN The cluster is down', true],
    ['TRYAGAIN Multiple keys request during rehashing of slot', true],
    ['OOM command not allowed when used memory > maxmemory', false],
    ['WRONGTYPE Operation against a key', false],
    ['NOPERM this user has no permissions', false],
  ])('that Redis answered with "%s" is tried again: %p', (message, again) => {
    const failure = reply(message);
    expect(isRedisCacheError(failure, 'REDIS_REPLY')).toBe(true);
    expect([mayTryAgain(failure, 'safe'), mayTryAgain(failure, 'never')]).toEqual([again, again]);
  });

  it.each([
    ['ReplyError: TRYAGAIN Multiple keys request during rehashing of slot', 'REDIS_REPLY', true],
    ['ReplyError: MOVED 1 127.0.0.1:7001', 'REDIS_REPLY', true],
    ['Error: Connection is closed.', 'REDIS_UNAVAILABLE', false],
  ])(
    'that ioredis gave up after "%s" is a %s, and is tried again although it may not run twice: %p',
    (last, code, again) => {
      const failure = toCommandFailure(new Error(`Too many Cluster redirections. Last error: ${last}`), 'a:1');
      expect(failure).toMatchObject({ code });
      expect(mayTryAgain(failure, 'never')).toBe(again);
    },
  );

  it('that was lost on the way is tried again only when that is safe', () => {
    const failure = toCommandFailure(new Error('Connection is closed.'), 'a:1');
    expect(failure).toMatchObject({ code: 'REDIS_UNAVAILABLE', outcome: 'unknown' });
    expect([mayTryAgain(failure, 'safe'), mayTryAgain(failure, 'never')]).toEqual([true, false]);
  });

  it('that was never sent is tried again in any case', () => {
    const failure = new RedisUnavailableError('a:1', 'not-sent');
    expect([mayTryAgain(failure, 'safe'), mayTryAgain(failure, 'never')]).toEqual([true, true]);
  });

  it('that is out of time is not tried again', () => {
    expect(mayTryAgain(new CommandTimeoutError('a:1', 1_000), 'safe')).toBe(false);
  });
});
