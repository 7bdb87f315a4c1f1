import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { assertKey } from '../core/keys/index.js';
import { defaultKey, headOfDefaultKeys } from './default-key.js';
import { MethodSite } from './method-site.js';

const numRuns = process.env.TEST_SCALE === 'long' ? 100_000 : 5_000;

class Product {
  constructor(readonly id: unknown) {}
}
class Money {
  constructor(readonly cents: number) {}
}
class Unregistered {}
class HttpRequest {}

const partsOf = (instance: object): { name: string; data: unknown } | undefined => {
  if (instance instanceof Product) return { name: 'Product', data: { ...instance } };
  return instance instanceof Money ? { name: 'Money', data: instance.cents } : undefined;
};
const keyOf = (...args: unknown[]): string => defaultKey('A.b', args, { method: 'A.b', partsOf });

/** Few texts, so that they meet, and such as could be taken for something else. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    '1',
    ':',
    'a',
    'a:b',
    '"',
    '\\',
    '{',
    'null',
    'true',
    '1n',
    '#',
    '\0',
    '\u0001',
    '\ud800',
    'Date(0)',
  ),
  fc.string({ unit: fc.constantFrom(':', '"', '\\', ',', 'a', '1', '[', '{'), maxLength: 4 }),
);
const leaf = fc.oneof(
  text,
  fc.constantFrom<unknown>(0, -0, 1, 1n, 0n, -1, 1.5, NaN, Infinity, true, false, null, undefined),
  fc.constantFrom<unknown>(
    new Date(0),
    new Date(1),
    new Date(NaN),
    new URL('http://a'),
    Buffer.from('a'),
    new Uint8Array([97]),
  ),
);
const { argument } = fc.letrec<{ argument: unknown }>((tie) => ({
  argument: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('argument'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', 'a":1,"b', '__proto__'), tie('argument'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(text, tie('argument')), { maxLength: 2 }).map((entries) => new Map(entries)),
    fc.array(text, { maxLength: 2 }).map((items) => new Set(items)),
    tie('argument').map((id) => new Product(id)),
    fc.constantFrom(0, 1).map((cents) => new Money(cents)),
  ),
}));
const args = fc.array(argument, { maxLength: 3 });

/** Those left out and those that are undefined, at the end, are the same to a method. */
function shortened(given: readonly unknown[]): readonly unknown[] {
  return given.slice(0, given.findLastIndex((each) => each !== undefined) + 1);
}

describe('a default key', () => {
  it('is the same for two calls exactly when their arguments are equal', () => {
    const seen = new Map<string, readonly unknown[]>();
    fc.assert(
      fc.property(args, args, (one, other) => {
        const isEqual = isDeepStrictEqual(shortened(one), shortened(other));
        expect(keyOf(...one) === keyOf(...other)).toBe(isEqual);
        // Also against all calls before: two at random seldom come near each other.
        const before = seen.get(keyOf(...one));
        if (before !== undefined) expect(shortened(one)).toStrictEqual(before);
        seen.set(keyOf(...one), shortened(one));
      }),
      { numRuns },
    );
    expect(seen.size).toBeGreaterThan(100);
  });

  it('is the same for equal arguments that are other objects, in whatever order their properties came', () => {
    const shuffled = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(shuffled);
      if (value instanceof Map) return new Map([...value].reverse().map(([key, item]) => [key, shuffled(item)]));
      if (value instanceof Set) return new Set([...value].reverse());
      if (value instanceof Product) return new Product(shuffled(value.id));
      if (Object.getPrototypeOf(value) !== Object.prototype) return structuredCloneOf(value);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, shuffled(item)]),
      );
    };
    fc.assert(
      fc.property(args, (given) => expect(keyOf(...given.map(shuffled))).toBe(keyOf(...given))),
      { numRuns: numRuns / 5 },
    );
  });

  it('is a key, and no longer than a hash for each argument', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(argument, fc.string({ unit: 'binary', maxLength: 200 }))), (given) => {
        const key = keyOf(...given);
        assertKey(key);
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual('A.b'.length + given.length * 65);
      }),
    );
  });

  it.each([
    [[], 'A.b'],
    [[undefined], 'A.b'],
    [['42'], 'A.b:"42"'],
    [[42, true, null], 'A.b:42:true:null'],
    [[undefined, 1n], 'A.b:undefined:1n'],
    [['a:b'], 'A.b:"a:b"'],
    [[{ b: [1], a: new Date(7) }], 'A.b:{"a":Date(7),"b":[1]}'],
    [['x'.repeat(62)], `A.b:"${'x'.repeat(62)}"`],
    [['tenant', 'x'.repeat(63)], 'A.b:"tenant":#NJzjPRJ_hL5K-YxjYWaqiF_KqqO3tKkmiac68ITRNBM'],
    // eslint-disable-next-line no-sparse-arrays -- a hole is not the same as undefined
    [[[undefined, , 1]], 'A.b:[undefined,empty,1]'],
    [[new Product('1')], 'A.b:@Product({"id":"1"})'],
    [[Object.assign(Object.create(null), { a: 1 })], 'A.b:{"a":1}'],
  ])('of %j is %s', (given, key) => {
    expect(keyOf(...given)).toBe(key);
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  it.each<[what: string, argument: unknown, problem: string]>([
    ['a function', () => 1, 'is or holds a function'],
    ['a symbol', Symbol('a'), 'is or holds a symbol'],
    ['a request', new HttpRequest(), 'is or holds an instance of HttpRequest, which belongs to this one call.'],
    ['a stream', Readable.from([]), 'is or holds an instance of Readable, which belongs to this one call.'],
    ['a signal', new AbortController().signal, 'is or holds an instance of AbortSignal, which belongs'],
    ['a promise', Promise.resolve(), 'is or holds an instance of Promise, which is not registered'],
    [
      'an instance',
      new Unregistered(),
      'is or holds an instance of Unregistered, which is not registered: write classes: [Unregistered]',
    ],
    ['an instance inside', [{ a: new Unregistered() }], 'is or holds an instance of Unregistered'],
    ['an array of a class of its own', new (class Rows extends Array {})(), 'is or holds an instance of Rows'],
    ['an array with properties', Object.assign([1], { total: 7 }), 'is or holds an array with properties of its own.'],
    ['a symbol as a key', { [Symbol('a')]: 1 }, 'holds a symbol as a key.'],
    ['itself', cyclic, 'contains itself.'],
  ])('is refused for %s, with the way out', (_, given, problem) => {
    const refusal = {
      code: 'UNSUPPORTED_ARGUMENT',
      method: 'A.b',
      index: 1,
      message: expect.stringContaining(problem),
    };
    expect(() => keyOf('a', given)).toThrow(expect.objectContaining(refusal));
    expect(() => keyOf('a', given)).toThrow(/^A\.b: argument 1 .* Write a key that is made of the rest: key: /);
  });
});

describe('the beginning of default keys', () => {
  class Base {
    find(): void {}
  }
  class Inheriting extends Base {}
  class Overriding extends Base {
    override find(): void {}
  }
  class BelowOverriding extends Overriding {}
  const head = (owner: object, prototype: object, name: string | symbol = 'find'): string =>
    headOfDefaultKeys(new MethodSite('@Cacheable', owner, name), prototype);

  it('names the class of the instance, and for a method called by super its own class too', () => {
    expect(head(Base.prototype, Base.prototype)).toBe('Base.find');
    expect(head(Base.prototype, Inheriting.prototype)).toBe('Inheriting.find');
    expect(head(Overriding.prototype, Overriding.prototype)).toBe('Overriding.find');
    expect(head(Base.prototype, Overriding.prototype)).toBe('Overriding.Base.find');
    expect(head(Overriding.prototype, BelowOverriding.prototype)).toBe('BelowOverriding.find');
    expect(head(Base.prototype, BelowOverriding.prototype)).toBe('BelowOverriding.Base.find');
  });

  it('is refused where nothing has a name', () => {
    expect(() => head(Base.prototype, (() => class extends Base {})().prototype)).toThrow(/needs a key/);
    expect(() => head(Base.prototype, Base.prototype, Symbol('find'))).toThrow(/needs a key/);
  });
});

function structuredCloneOf(value: object): object {
  if (value instanceof URL) return new URL(value);
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  return value instanceof Money ? new Money(value.cents) : structuredClone(value);
}
