import { InvalidOptionError, NotAvailableYetError } from './option.errors.js';
import { isRedisCacheError, RedisCacheError } from './redis-cache.error.js';

class DemoError extends RedisCacheError {
  readonly code = 'DEMO';
}

/** An error as another copy of the package throws it: another class, the same brand. */
function errorOfAnotherCopy(code: string): Error {
  const error = Object.assign(new Error('From another copy.'), { code });
  return Object.defineProperty(error, Symbol.for('nestjs-redis-cache:error'), { value: true });
}

describe('an error of this library', () => {
  it('has the name of its class, a code, a message and the error below it', () => {
    const cause = new Error('below');
    const error = new DemoError('What to do.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'DemoError', code: 'DEMO', message: 'What to do.', cause });
    expect(String(error)).toBe('DemoError: What to do.');
  });

  it('is recognised', () => {
    expect(isRedisCacheError(new DemoError(''))).toBe(true);
    expect(isRedisCacheError(new InvalidOptionError('cache.ttl', 'is wrong.'))).toBe(true);
    expect(isRedisCacheError(new NotAvailableYetError('cache.l1'))).toBe(true);
  });

  it('is recognised by its code', () => {
    expect(isRedisCacheError(new DemoError(''), 'DEMO')).toBe(true);
    expect(isRedisCacheError(new DemoError(''), 'OTHER')).toBe(false);
  });

  it('is recognised when another copy of the package threw it', () => {
    const error = errorOfAnotherCopy('DEMO');
    expect(error).not.toBeInstanceOf(RedisCacheError);
    expect([isRedisCacheError(error), isRedisCacheError(error, 'DEMO'), isRedisCacheError(error, 'OTHER')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('carries a brand that shows neither in JSON nor among its keys', () => {
    const error = new InvalidOptionError('cache.ttl', 'is wrong.');
    expect(Object.getOwnPropertySymbols(error)).toEqual([Symbol.for('nestjs-redis-cache:error')]);
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'option']);
    expect(Object.getOwnPropertySymbols({ ...error })).toEqual([]);
  });
});

describe('anything else', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'DEMO'],
    ['a number', 7],
    ['an error of somebody else', Object.assign(new Error('x'), { code: 'DEMO' })],
    ['an object that looks like one', { name: 'DemoError', code: 'DEMO', message: 'x' }],
    ['a brand of the same words that is another symbol', { [Symbol('nestjs-redis-cache:error')]: true, code: 'DEMO' }],
  ])('is none: %s', (_, thrown) => {
    expect(isRedisCacheError(thrown)).toBe(false);
    expect(isRedisCacheError(thrown, 'DEMO')).toBe(false);
  });
});
