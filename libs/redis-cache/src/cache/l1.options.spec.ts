import { requireL1 } from './l1.options.js';

const DEFAULTS = { maxEntries: 10_000, maxBytes: 67_108_864, values: 'frozen' };

describe('requireL1', () => {
  it('is nothing when it is off', () => {
    expect(requireL1('cache.l1', false)).toBeUndefined();
  });

  it.each<[unknown, object]>([
    [true, DEFAULTS],
    [{}, DEFAULTS],
    [{ maxEntries: 1 }, { ...DEFAULTS, maxEntries: 1 }],
    [{ maxEntries: 1_000_000 }, { ...DEFAULTS, maxEntries: 1_000_000 }],
    [{ maxBytes: 1 }, { ...DEFAULTS, maxBytes: 1 }],
    [{ values: 'cloned' }, { ...DEFAULTS, values: 'cloned' }],
    [{ maxEntries: undefined, maxBytes: undefined, values: undefined }, DEFAULTS],
  ])('makes of %j what it stands for', (given, resolved) => {
    expect(requireL1('cache.l1', given)).toEqual(resolved);
  });

  it.each<[unknown, string]>([
    [undefined, 'cache.l1: expected true, false or an object'],
    [null, 'cache.l1: expected true, false or an object'],
    ['yes', 'cache.l1: expected true, false or an object'],
    [[], 'cache.l1: expected true, false or an object'],
    [{ size: 1 }, 'cache.l1.size: there is no such option. Accepted here: maxEntries, maxBytes, values.'],
    [{ maxEntries: 0 }, 'cache.l1.maxEntries: expected'],
    [{ maxEntries: 1_000_001 }, 'cache.l1.maxEntries: expected'],
    [{ maxEntries: 1.5 }, 'cache.l1.maxEntries: expected'],
    [{ maxEntries: null }, 'cache.l1.maxEntries: expected'],
    [{ maxBytes: 0 }, 'cache.l1.maxBytes: expected'],
    [{ maxBytes: '64mb' }, 'cache.l1.maxBytes: expected'],
    [{ values: 'shared' }, 'cache.l1.values: expected'],
  ])('refuses %j by name', (given, message) => {
    expect(() => requireL1('cache.l1', given)).toThrow(message);
  });
});
