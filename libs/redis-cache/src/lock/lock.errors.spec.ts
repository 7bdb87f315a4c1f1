import { HttpException } from '@nestjs/common';
import { isRedisCacheError } from '../core/common/index.js';
import { LockLostError, LockTimeoutError, LockUnavailableError } from './lock.errors.js';

const CAUSE = new Error('of the connection');

describe('what a client is told of a lock when nobody catches its error', () => {
  it.each([
    [409, new LockTimeoutError('stock:42', 500, 'process 7 on host-1 has it.'), 'LOCK_TIMEOUT'],
    [503, new LockUnavailableError('stock:42', { cause: CAUSE }), 'LOCK_UNAVAILABLE'],
  ])('%d, and nothing about resources and machines', (status, error, code) => {
    expect(error.getStatus()).toBe(status);
    expect(error.getResponse()).toEqual({ statusCode: status, code, message: expect.stringContaining('Try again.') });
    expect(JSON.stringify(error.getResponse())).not.toMatch(/stock|host/);
    expect(isRedisCacheError(error, code)).toBe(true);
    expect(error).toMatchObject({ name: error.constructor.name, resource: 'stock:42' });
    expect(error.message).toContain('"stock:42"');
  });

  it('nothing but 500 when it was lost: what was done is not known, and Nest writes it into the log', () => {
    const lost = new LockLostError('stock:42', 'its time is over.');
    expect(lost).not.toBeInstanceOf(HttpException);
    expect(isRedisCacheError(lost, 'LOCK_LOST')).toBe(true);
  });

  it('and the developer has the cause', () => {
    expect(new LockUnavailableError('stock:42', { cause: CAUSE }).cause).toBe(CAUSE);
    expect(new LockTimeoutError('stock:42', 500, 'process 7 on host-1 has it.').message).toContain('host-1');
  });
});
