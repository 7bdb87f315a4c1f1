import { footprintOf } from './footprint.js';

describe('footprintOf', () => {
  it.each([
    ['a number', 1, 16],
    ['true', true, 16],
    ['null', null, 16],
    ['undefined', undefined, 16],
    ['a bigint', 1n, 16],
    ['an empty text', '', 24],
    ['a text of Latin-1, one byte for each character', 'thé', 27],
    ['any other text, two bytes for each character', 'чай', 30],
    ['a text with one character beyond Latin-1', 'tea 茶', 34],
    ['an empty object', {}, 56],
    ['an empty array', [], 56],
    ['an object: its fields and what they hold', { a: 1, b: 'tea' }, 56 + 2 * 16 + 16 + 27],
    ['an array: its places and what they hold', [1, null], 56 + 2 * 16 + 2 * 16],
    ['what is nested', { a: [{ b: 1 }] }, 56 + 16 + (56 + 16 + (56 + 16 + 16))],
  ])('counts %s', (_, value, bytes) => {
    expect(footprintOf(value)).toBe(bytes);
  });

  it('takes a list of any length and any depth', () => {
    let deep: unknown[] = [];
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    expect(footprintOf(deep)).toBe(56 + 50_000 * (56 + 16));
    expect(footprintOf(Array.from({ length: 300_000 }, () => 1))).toBe(56 + 300_000 * (16 + 16));
  });
});
