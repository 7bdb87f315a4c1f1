import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { createCodec } from './codec.options.js';

class Money {
  constructor(
    readonly amount: unknown,
    readonly currency: string,
  ) {}
}

class Decimal {
  constructor(readonly digits: string) {}
}

const numRuns = process.env.TEST_SCALE === 'long' ? 20_000 : 2_000;

const codec = createCodec({
  serializer: 'typed',
  classes: [
    { option: 'classes', classes: [Money] },
    {
      option: 'more',
      classes: {
        Decimal: { encode: (decimal: Decimal) => decimal.digits, decode: (text: string) => new Decimal(text) },
      },
    },
  ],
});

const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value));

const text = fc.string({ unit: 'binary' });
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Infinity, -Infinity, '', '__proto__', '\ud800'),
    fc.integer(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    text,
    fc.date({ noInvalidDate: true }),
    fc.webUrl().map((url) => new URL(url)),
    fc.constantFrom(/a+/gi, /[\n/]/u, new RegExp('')),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.oneof(fc.uint8Array(), fc.int32Array(), fc.float64Array(), fc.bigUint64Array(), fc.uint8ClampedArray()),
    fc.uint8Array().map((bytes) => bytes.slice().buffer),
    fc
      .tuple(text, tie('value'))
      .map(([message, cause]) => Object.assign(new TypeError(message, { cause }), { hint: 1 })),
    fc.array(tie('value')),
    fc.sparseArray(tie('value')),
    fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), { noNullPrototype: false }),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
    tie('value').map((amount) => new Money(amount, 'EUR')),
    text.map((digits) => new Decimal(digits)),
  ),
}));

describe('the typed serialiser', () => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(anyValue, (value) => isDeepStrictEqual(roundTrip(value), value)),
      { numRuns },
    );
  });

  // By itself: for Node 20 and for Jest two invalid dates are never deeply equal.
  it('gives back an invalid date', () => {
    const date = roundTrip(new Date(Number.NaN)) as Date;
    expect(date).toBeInstanceOf(Date);
    expect(date.getTime()).toBeNaN();
  });

  it('keeps cycles and sharing, wherever they close', () => {
    const holders = fc.constantFrom(
      'array',
      'object',
      'map',
      'mapKey',
      'set',
      'class',
      'error',
      'nullObject',
      'sparse',
    );
    fc.assert(
      fc.property(fc.array(holders, { minLength: 1, maxLength: 6 }), fc.nat(), anyValue, (chain, closeAt, extra) => {
        const links = chain.map((holder) => createLink(holder, extra));
        links.forEach((link, at) => link.hold(links[(at + 1) % links.length]!.self));
        links[closeAt % links.length]!.hold(links[0]!.self);
        const revived = roundTrip({ first: links[0]!.self, again: links[0]!.self }) as {
          first: unknown;
          again: unknown;
        };
        return revived.first === revived.again && isDeepStrictEqual(revived.first, links[0]!.self);
      }),
      { numRuns: numRuns / 4 },
    );
  });

  it('never reads damaged bytes as another value', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, change) => {
        const encoded = codec.encode(value);
        const payload = Buffer.from(encoded.payload);
        payload[position % payload.length]! ^= change;
        expect(() => codec.decode({ ...encoded, payload })).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
        const cut = encoded.payload.subarray(0, position % encoded.payload.length);
        expect(() => codec.decode({ ...encoded, payload: cut })).toThrow(
          expect.objectContaining({ code: 'UNDECODABLE' }),
        );
      }),
      { numRuns },
    );
  });
});

interface Link {
  readonly self: object;
  hold(other: object): void;
}

function createLink(holder: string, extra: unknown): Link {
  switch (holder) {
    case 'array': {
      const self: unknown[] = [extra];
      return { self, hold: (other) => void self.push(other) };
    }
    case 'map': {
      const self = new Map<unknown, unknown>([['extra', extra]]);
      return { self, hold: (other) => void self.set('next', other) };
    }
    case 'mapKey': {
      const self = new Map<unknown, unknown>();
      return { self, hold: (other) => void self.set(other, 'next') };
    }
    case 'set': {
      const self = new Set<unknown>();
      return { self, hold: (other) => void self.add(other) };
    }
    case 'class': {
      const self = new Money(extra, 'EUR') as { amount: unknown; next?: object };
      return { self, hold: (other) => void (self.next = other) };
    }
    case 'error': {
      const self = new RangeError('linked') as Error & { next?: object };
      return { self, hold: (other) => void (self.cause = other) };
    }
    case 'nullObject': {
      const self = Object.create(null) as { next?: object };
      return { self, hold: (other) => void (self.next = other) };
    }
    case 'sparse': {
      const self: unknown[] = [];
      return { self, hold: (other) => void (self[self.length + 2] = other) };
    }
    default: {
      const self: { extra: unknown; next?: object } = { extra };
      return { self, hold: (other) => void (self.next = other) };
    }
  }
}
