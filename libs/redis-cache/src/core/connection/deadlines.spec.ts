import { jest } from '@jest/globals';
import { Deadlines } from './deadlines.js';

const never = new Promise<never>(() => undefined);
const rethrow = async (failure: unknown): Promise<never> => {
  throw failure;
};

describe('Deadlines', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  const create = (): Deadlines => new Deadlines(1_000, () => new Error('late'));

  it('end what is never answered, and nothing earlier', async () => {
    const deadlines = create();
    const outcomes: string[] = [];
    const call = (name: string): void =>
      void deadlines.guard(never, rethrow).catch((error: Error) => outcomes.push(`${name} ${error.message}`));

    call('first');
    await jest.advanceTimersByTimeAsync(600);
    call('second');
    await jest.advanceTimersByTimeAsync(399);
    expect(outcomes).toEqual([]);
    await jest.advanceTimersByTimeAsync(2);
    expect(outcomes).toEqual(['first late']);
    await jest.advanceTimersByTimeAsync(600);
    expect(outcomes).toEqual(['first late', 'second late']);
    await deadlines.idle();
  });

  it('hold for the recovery too', async () => {
    const guarded = create().guard(Promise.reject(new Error('at once')), () => never);
    const outcome = expect(guarded).rejects.toThrow('late');
    await jest.advanceTimersByTimeAsync(1_001);
    await outcome;
  });

  it('pass on values and failures', async () => {
    const deadlines = create();
    await expect(deadlines.guard(Promise.resolve(1), rethrow)).resolves.toBe(1);
    await expect(deadlines.guard(Promise.reject(new Error('no')), rethrow)).rejects.toThrow('no');
    await expect(deadlines.guard(Promise.reject(new Error('no')), () => Promise.resolve(2))).resolves.toBe(2);
  });

  it('use one timer for any number of calls, and none when all is answered', async () => {
    const deadlines = create();
    const calls = Array.from({ length: 5_000 }, (_, at) => deadlines.guard(Promise.resolve(at), rethrow));
    expect(jest.getTimerCount()).toBe(1);
    await Promise.all(calls);
    await deadlines.idle();
    await jest.advanceTimersByTimeAsync(1_001);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are idle only when the last call has ended', async () => {
    const deadlines = create();
    let answer = (): void => undefined;
    const call = deadlines.guard(new Promise<void>((resolve) => (answer = resolve)), rethrow);
    let isIdle = false;
    void deadlines.idle().then(() => (isIdle = true));
    await jest.advanceTimersByTimeAsync(1);
    expect(isIdle).toBe(false);
    answer();
    await call;
    await jest.advanceTimersByTimeAsync(0);
    expect(isIdle).toBe(true);
  });
});
