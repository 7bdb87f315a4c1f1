import { jest } from '@jest/globals';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.js';

const FAILURES_TO_OPEN = 3;
const PROBE_EVERY_MS = 1_000;

describe('CircuitBreaker', () => {
  let states: BreakerState[];
  let probe: jest.Mock<() => Promise<void>>;
  let breaker: CircuitBreaker;

  beforeEach(() => {
    jest.useFakeTimers();
    states = [];
    probe = jest.fn(async () => undefined);
    const onChange = (state: BreakerState): void => void states.push(state);
    breaker = new CircuitBreaker({
      failuresToOpen: FAILURES_TO_OPEN,
      probeEveryMs: PROBE_EVERY_MS,
      probe: () => probe(),
      onChange,
    });
  });
  afterEach(() => {
    breaker.stop();
    jest.useRealTimers();
  });

  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) breaker.failed();
  };

  it('lets nothing pass before a first probe has succeeded', async () => {
    expect(breaker.isClosed).toBe(false);
    await breaker.probe();
    expect(breaker.isClosed).toBe(true);
    expect(states).toEqual(['closed']);
  });

  it('lets calls wait for the probe when a connection has just been made, however often they have failed', async () => {
    probe.mockRejectedValueOnce(new Error('away'));
    await breaker.probe();
    fail(FAILURES_TO_OPEN);
    expect(breaker.failsAtOnce).toBe(true);
    breaker.connected();
    expect(breaker.failsAtOnce).toBe(false);
    await jest.advanceTimersByTimeAsync(0);
    expect(breaker.isClosed).toBe(true);
  });

  it('opens after so many failures in a row, and not before', async () => {
    await breaker.probe();
    fail(FAILURES_TO_OPEN - 1);
    breaker.succeeded();
    fail(FAILURES_TO_OPEN - 1);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
    expect(breaker.failsAtOnce).toBe(true);
  });

  it('opens after so many probes in a row that have failed', async () => {
    probe.mockRejectedValue(new Error('away'));
    for (let time = 1; time < FAILURES_TO_OPEN; time += 1) await breaker.probe();
    expect(breaker.state).toBe('half-open');
    await breaker.probe();
    expect(breaker.state).toBe('open');
  });

  it('begins to count anew when a probe has succeeded', async () => {
    await breaker.probe();
    fail(FAILURES_TO_OPEN);
    await jest.advanceTimersByTimeAsync(PROBE_EVERY_MS);
    fail(FAILURES_TO_OPEN - 1);
    expect(breaker.state).toBe('closed');
  });

  it('probes in the background until one succeeds', async () => {
    await breaker.probe();
    fail(FAILURES_TO_OPEN);
    probe.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
    await jest.advanceTimersByTimeAsync(3 * PROBE_EVERY_MS);
    expect(breaker.state).toBe('closed');
    expect(states).toEqual(['closed', 'open', 'half-open', 'open', 'half-open', 'open', 'half-open', 'closed']);
    expect(probe).toHaveBeenCalledTimes(4);
  });

  it('goes on failing at once while it probes', async () => {
    await breaker.probe();
    fail(FAILURES_TO_OPEN);
    probe.mockImplementationOnce(() => new Promise(() => undefined));
    void breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    expect(breaker.state).toBe('half-open');
    expect(breaker.failsAtOnce).toBe(true);
  });

  it('lets nothing pass to a server that was lost, and lets callers try again', async () => {
    await breaker.probe();
    breaker.lost();
    expect(breaker.state).toBe('half-open');
    expect(breaker.failsAtOnce).toBe(false);
    await jest.advanceTimersByTimeAsync(PROBE_EVERY_MS);
    expect(breaker.state).toBe('closed');
  });

  it('does not trust a probe during which the server was lost', async () => {
    let answer = (): void => undefined;
    probe.mockImplementationOnce(() => new Promise<void>((resolve) => (answer = resolve)));
    const probing = breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    breaker.lost();
    answer();
    await probing;
    expect(breaker.isClosed).toBe(false);
  });

  it('probes one at a time, and again for who asks while the server was lost meanwhile', async () => {
    let answer = (): void => undefined;
    probe.mockImplementationOnce(() => new Promise<void>((resolve) => (answer = resolve)));
    const first = breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    breaker.lost();
    const second = breaker.probe();
    expect(probe).toHaveBeenCalledTimes(1);
    answer();
    await Promise.all([first, second]);
    expect(probe).toHaveBeenCalledTimes(2);
    expect(breaker.isClosed).toBe(true);
  });

  it('probes once for all who ask while a probe is under way that then fails', async () => {
    let refuse = (): void => undefined;
    probe.mockImplementationOnce(() => new Promise<void>((_, reject) => (refuse = () => reject(new Error('away')))));
    const asking = [breaker.probe()];
    await jest.advanceTimersByTimeAsync(0);
    for (let time = 0; time < 3; time += 1) asking.push(breaker.probe());
    refuse();
    await Promise.all(asking);
    expect(probe).toHaveBeenCalledTimes(2);
    expect(breaker.isClosed).toBe(true);
  });

  it('stays half-open while it probes, however many calls fail meanwhile', async () => {
    await breaker.probe();
    breaker.lost();
    let answer = (): void => undefined;
    probe.mockImplementationOnce(() => new Promise<void>((resolve) => (answer = resolve)));
    const probing = breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    fail(FAILURES_TO_OPEN);
    answer();
    await probing;
    expect(states).toEqual(['closed', 'half-open', 'closed']);
  });

  it('is quiet when it was stopped', async () => {
    breaker.lost();
    breaker.stop();
    breaker.lost();
    fail(FAILURES_TO_OPEN);
    await jest.advanceTimersByTimeAsync(10 * PROBE_EVERY_MS);
    expect(probe).not.toHaveBeenCalled();
  });

  it('tells of no change when it was stopped, not even what a probe under way has found', async () => {
    let answer = (): void => undefined;
    probe.mockImplementationOnce(() => new Promise<void>((resolve) => (answer = resolve)));
    const probing = breaker.probe();
    await jest.advanceTimersByTimeAsync(0);
    breaker.stop();
    answer();
    await probing;
    expect(states).toEqual([]);
  });
});
