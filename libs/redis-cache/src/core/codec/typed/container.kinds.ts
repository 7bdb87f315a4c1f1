import { types } from 'node:util';
import { classNameOf, type Kind } from './kind.js';

type Entries<K = unknown> = [key: K, value: unknown][];

/** Values that hold other values. They are made empty and then filled, so that a cycle can close on them. */
export const containerKinds: readonly Kind[] = [
  {
    name: 'Map',
    matches: (value) => types.isMap(value) && classNameOf(value) === 'Map',
    encode: (map: Map<unknown, unknown>, encodePart) =>
      [...map].map(([key, value], at) => [encodePart(key, `.keys()[${at}]`), encodePart(value, `.values()[${at}]`)]),
    create: () => new Map(),
    fill: (map: Map<unknown, unknown>, entries: Entries, revivePart) => {
      for (const [key, value] of entries) map.set(revivePart(key), revivePart(value));
    },
  },
  {
    name: 'Set',
    matches: (value) => types.isSet(value) && classNameOf(value) === 'Set',
    encode: (set: Set<unknown>, encodePart) => [...set].map((item, at) => encodePart(item, `.values()[${at}]`)),
    create: () => new Set(),
    fill: (set: Set<unknown>, items: unknown[], revivePart) => {
      for (const item of items) set.add(revivePart(item));
    },
  },
  {
    name: 'SparseArray',
    matches: (value) => Array.isArray(value),
    encode: (array: unknown[], encodePart) => [
      array.length,
      Object.keys(array).map((index) => [Number(index), encodePart(array[Number(index)], Number(index))]),
    ],
    create: ([length]: [number, unknown]) => new Array<unknown>(length),
    fill: (array: unknown[], [, entries]: [number, Entries<number>], revivePart) => {
      for (const [index, item] of entries) array[index] = revivePart(item);
    },
  },
  {
    name: 'NullObject',
    matches: (value) => Object.getPrototypeOf(value) === null,
    encode: encodeEntries,
    create: () => Object.create(null) as object,
    fill: fillEntries,
  },
  {
    name: 'Object',
    matches: (value) => classNameOf(value) === 'Object',
    encode: encodeEntries,
    create: () => ({}),
    fill: fillEntries,
  },
];

/** Keys as text values, for an object whose keys MessagePack would change: `__proto__`, or broken Unicode. */
function encodeEntries(value: Record<string, unknown>, encodePart: (part: unknown, step: string) => unknown): unknown {
  return Object.keys(value).map((key) => [encodePart(key, `.${key}`), encodePart(value[key], `.${key}`)]);
}

function fillEntries(target: object, entries: Entries, revivePart: (part: unknown) => unknown): void {
  for (const [key, value] of entries) defineField(target, String(revivePart(key)), revivePart(value));
}

/** Sets an own field, whatever accessor of that name the prototype may have. */
export function defineField(target: object, key: string, value: unknown, { enumerable = true } = {}): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
