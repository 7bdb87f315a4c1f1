import { types } from 'node:util';
import { classNameOf, type Kind } from './kind.js';

type TypedArrayName = keyof typeof TYPED_ARRAYS;

const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** Values with nothing inside that would need encoding itself. A `Buffer` and a valid `Date` MessagePack has already. */
export const leafKinds: readonly Kind[] = [
  {
    name: 'Date',
    matches: (value) => types.isDate(value) && classNameOf(value) === 'Date',
    encode: () => null,
    create: () => new Date(Number.NaN),
  },
  {
    name: 'URL',
    matches: (value) => classNameOf(value) === 'URL' && 'href' in value && 'searchParams' in value,
    encode: (url: URL) => url.href,
    create: (href: string) => new URL(href),
  },
  {
    name: 'RegExp',
    matches: (value) => types.isRegExp(value) && classNameOf(value) === 'RegExp',
    encode: ({ source, flags, lastIndex }: RegExp) => [source, flags, lastIndex],
    create: ([source, flags, lastIndex]: [string, string, number]) =>
      Object.assign(new RegExp(source, flags), { lastIndex }),
  },
  {
    name: 'TypedArray',
    matches: (value) => types.isTypedArray(value) && (classNameOf(value) ?? '') in TYPED_ARRAYS,
    encode: (array: NodeJS.TypedArray) => [
      classNameOf(array),
      Buffer.from(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength),
    ],
    create: ([name, bytes]: [TypedArrayName, Buffer]) => new TYPED_ARRAYS[name](ownBufferOf(bytes)),
  },
  {
    name: 'ArrayBuffer',
    matches: (value) => types.isArrayBuffer(value),
    encode: (buffer: ArrayBuffer) => Buffer.from(buffer),
    create: (bytes: Buffer) => ownBufferOf(bytes),
  },
  {
    name: 'DataView',
    matches: (value) => types.isDataView(value),
    encode: (view: DataView<ArrayBuffer>) => Buffer.from(view.buffer, view.byteOffset, view.byteLength),
    create: (bytes: Buffer) => new DataView(ownBufferOf(bytes)),
  },
];

/** A `Buffer` is often a window into a larger pool, at an offset that wider elements cannot be read from. */
function ownBufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
