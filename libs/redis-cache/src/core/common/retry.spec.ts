import { jest } from '@jest/globals';
import { retryAfter } from './retry.js';

const failure = new Error('attempt 1');
const policy = { attempts: 3, delayMs: 1, mayPass: () => true };

describe('retryAfter', () => {
  it('tries again until it succeeds', async () => {
    const attempt = jest
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new Error('twice'))
      .mockResolvedValue('done');
    await expect(retryAfter(failure, attempt, policy)).resolves.toBe('done');
    expect(attempt).toHaveBeenCalledTimes(2);
  });

  it('counts the attempt that has failed already, and throws the last error', async () => {
    let tried = 1;
    const attempt = (): Promise<never> => Promise.reject(new Error(`attempt ${++tried}`));
    await expect(retryAfter(failure, attempt, policy)).rejects.toThrow('attempt 3');
  });

  it('throws at once what will not pass', async () => {
    const attempt = jest.fn(() => Promise.resolve());
    await expect(retryAfter(failure, attempt, { ...policy, mayPass: () => false })).rejects.toBe(failure);
    expect(attempt).not.toHaveBeenCalled();
  });
});
