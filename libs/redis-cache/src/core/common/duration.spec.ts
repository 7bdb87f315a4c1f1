import { FOREVER_MS, toMs, toTtlMs } from './duration.js';

const YEAR_MS = 31_557_600_000;

const RIGHT: [given: unknown, ms: number][] = [
  [1, 1],
  [1_500, 1_500],
  [1.6, 2],
  ['1ms', 1],
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  ['1w', 604_800_000],
  ['0.5h', 1_800_000],
  [100 * YEAR_MS, 100 * YEAR_MS],
  ['36525d', 100 * YEAR_MS],
];

const WRONG: [given: unknown, got: string][] = [
  [undefined, 'nothing'],
  [null, 'null'],
  [true, 'true'],
  [{ seconds: 5 }, 'an object'],
  [['5m'], 'an array of 1'],
  [() => 5, 'a function'],
  [0, '0'],
  [0.5, '0.5'],
  ['0.5ms', "'0.5ms'"],
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [100 * YEAR_MS + 1, String(100 * YEAR_MS + 1)],
  ['', "''"],
  ['5', "'5'"],
  ['0s', "'0s'"],
  ['-5m', "'-5m'"],
  ['1e3s', "'1e3s'"],
  ['.5s', "'.5s'"],
  ['5 m', "'5 m'"],
  ['5m ', "'5m '"],
  ['5M', "'5M'"],
  ['30sec', "'30sec'"],
  ['5 minutes', "'5 minutes'"],
  ['1y', "'1y'"],
  ['1m30s', "'1m30s'"],
  ['36526d', "'36526d'"],
  ['9'.repeat(100) + 'd', `'${'9'.repeat(77)}…'`],
];

describe('a duration', () => {
  it.each(RIGHT)('%p is %d ms', (given, ms) => {
    expect(toMs('cache.ttl', given)).toBe(ms);
    expect(toTtlMs('cache.ttl', given)).toBe(ms);
  });

  it.each(WRONG)('is not %p', (given, got) => {
    const expected = "expected a duration such as '5m', or milliseconds, of at least 1 ms and at most 100 years";
    const refusal = { code: 'INVALID_OPTION', option: 'lock.wait', message: `lock.wait: ${expected}, got ${got}.` };
    expect(() => toMs('lock.wait', given)).toThrow(expect.objectContaining(refusal));
  });

  it('may be bounded from below', () => {
    expect(toMs('retry.delay', 0, { min: 0 })).toBe(0);
    expect(toMs('window', '1s', { min: 1_000 })).toBe(1_000);
    expect(() => toMs('window', '999ms', { min: 1_000 })).toThrow('of at least 1000 ms and at most');
    expect(() => toMs('window', 999.9, { min: 1_000 })).toThrow('of at least 1000 ms and at most');
    expect(Object.is(toMs('retry.delay', -0, { min: 0 }), 0)).toBe(true);
    expect(() => toMs('retry.delay', -0.4, { min: 0 })).toThrow('got -0.4.');
  });

  it('may be bounded from above', () => {
    expect(toMs('timeout', '1s', { max: 1_000 })).toBe(1_000);
    expect(() => toMs('timeout', 1_000.4, { max: 1_000 })).toThrow('of at least 1 ms and at most 1000 ms, got 1000.4.');
  });

  it("is never 'forever'", () => {
    expect(() => toMs('lock.wait', 'forever')).toThrow("got 'forever'.");
  });
});

describe('a time to live', () => {
  it("may be 'forever'", () => {
    expect(toTtlMs('cache.ttl', 'forever')).toBe(FOREVER_MS);
    expect(FOREVER_MS).toBe(Infinity);
  });

  it.each([...WRONG, ['Forever', "'Forever'"], ['never', "'never'"]])('is not %p', (given, got) => {
    const expected = "a duration such as '5m', milliseconds of at least 1 and at most 100 years, or 'forever'";
    const refusal = { code: 'INVALID_OPTION', option: 'ttl', message: `ttl: expected ${expected}, got ${got}.` };
    expect(() => toTtlMs('ttl', given)).toThrow(expect.objectContaining(refusal));
  });
});
