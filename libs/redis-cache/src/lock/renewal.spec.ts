import { jest } from '@jest/globals';
import { Renewal } from './renewal.js';

describe('a renewal', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const renewing = (answer: () => Promise<boolean>) => {
    const times: number[] = [];
    const startedAt = performance.now();
    const renewal = new Renewal({
      ttlMs: () => 900,
      renew: () => {
        times.push(Math.round(performance.now() - startedAt));
        return answer();
      },
    });
    return { renewal, times };
  };

  it('comes at each third of the ttl', async () => {
    const { renewal, times } = renewing(async () => true);
    await jest.advanceTimersByTimeAsync(1_250);
    expect(times).toEqual([300, 600, 900, 1_200]);
    renewal.stop();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(times).toHaveLength(4);
  });

  it.each([
    ['is refused', () => Promise.reject(new Error('away'))],
    ['stays without an answer', () => new Promise<boolean>(() => undefined)],
  ])('is tried several times before the end when it %s', async (_, answer) => {
    const { renewal, times } = renewing(answer);
    await jest.advanceTimersByTimeAsync(850);
    expect(times).toEqual([300, 400, 500, 600, 700, 800]);
    renewal.stop();
  });

  it('ends when it is lost', async () => {
    const { times } = renewing(async () => false);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(times).toEqual([300]);
  });

  it('does not come back to life by an answer after its end', async () => {
    let answer = (_: boolean): void => undefined;
    const { renewal, times } = renewing(() => new Promise((resolve) => (answer = resolve)));
    await jest.advanceTimersByTimeAsync(310);
    renewal.stop();
    answer(true);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(times).toEqual([300]);
  });
});
