import { Footprints } from './footprint.js';

/** What the name of a field takes that no other object has. */
const NAME = 144;

describe('Footprints', () => {
  it.each([
    ['a number', 1, 8],
    ['true', true, 8],
    ['null', null, 8],
    ['undefined', undefined, 8],
    ['a bigint', 1n, 8],
    ['an empty text', '', 24],
    ['a text of Latin-1, one byte for each character', 'thé', 27],
    ['any other text, two bytes for each character', 'чай', 30],
    ['a text with one character beyond Latin-1', 'tea 茶', 34],
    ['an empty object', {}, 56],
    ['an empty array', [], 56],
    ['an object: its fields and what they hold', { a: 1, b: 'tea' }, 56 + 2 * (8 + NAME) + 8 + 27],
    ['an array: its places and what they hold', [1, null], 56 + 2 * 8 + 2 * 8],
    ['what is nested', { a: [{ b: 1 }] }, 56 + (8 + NAME) + (56 + 8 + (56 + (8 + NAME) + 8))],
  ])('counts %s', (_, value, bytes) => {
    expect(new Footprints().of(value)).toBe(bytes);
  });

  it('counts the names of fields once: records share them', () => {
    const footprints = new Footprints();
    const record = { id: 1, price: 2 };
    expect(footprints.of([record, record]) - footprints.of([record, record])).toBe(2 * NAME);
  });

  it('counts every name where names are data, however many there are, and goes on knowing those of records', () => {
    const footprints = new Footprints();
    const dictionary = (at: number): object =>
      Object.fromEntries(Array.from({ length: 1_000 }, (_, each) => [`${at} ${each}`, 1]));
    footprints.of({ id: 1 });
    for (let at = 0; at < 5; at += 1) expect(footprints.of(dictionary(at))).toBe(56 + 1_000 * (8 + NAME + 8));
    footprints.of({ id: 1 });
    expect(footprints.of({ id: 2 })).toBe(56 + 8 + 8);
  });

  it('takes a list of any length and any depth', () => {
    let deep: unknown[] = [];
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    expect(new Footprints().of(deep)).toBe(56 + 50_000 * (56 + 8));
    expect(new Footprints().of(Array.from({ length: 300_000 }, () => 1))).toBe(56 + 300_000 * (8 + 8));
  });
});
