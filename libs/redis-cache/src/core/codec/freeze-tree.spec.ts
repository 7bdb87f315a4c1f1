import { freezeTree } from './freeze-tree.js';

describe('freezeTree', () => {
  it.each([
    ['a text', 'tea'],
    ['null', null],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['an empty object', {}],
    ['nested objects and arrays', { a: [1, { b: [null, 'c'] }], d: { e: {} } }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: [1] })],
  ])('freezes %s to its leaves', (_, value) => {
    expect(freezeTree(value)).toBe(true);
    expect(partsOf(value).every((part) => Object.isFrozen(part))).toBe(true);
  });

  const shared = { tea: true };
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;

  it.each([
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['a Buffer', Buffer.from('tea')],
    ['a typed array', new Uint8Array(2)],
    ['a URL', new URL('redis://host')],
    ['an Error', new Error('tea')],
    ['an instance of a class', new (class Product {})()],
    ['a function', () => undefined],
    ['a cycle', cycle],
    ['an object in two places', [shared, shared]],
  ])('leaves a tree that holds %s as it is, all of it', (_, value) => {
    const tree = { before: { a: 1 }, value, after: [{ b: 2 }] };
    expect(freezeTree(tree)).toBe(false);
    expect([tree, tree.before, tree.after, tree.after[0]].some((part) => Object.isFrozen(part))).toBe(false);
  });

  it('takes a list of any length and any depth', () => {
    const wide = Array.from({ length: 300_000 }, (_, at) => [at]);
    let deep: unknown[] = [];
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    expect([freezeTree(wide), freezeTree(deep)]).toEqual([true, true]);
  });
});

function partsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}
