import fc from 'fast-check';
import { bucketOf, CLUSTER_BUCKETS } from './bucket.js';
import { FEATURE_WORDS, type FeatureWord } from './feature-word.js';
import { assertKey, requireNamespace, requirePrefix } from './key-rules.js';
import { KeySpace, type KeySpaceOptions } from './key-space.js';

interface Place {
  readonly prefix: string;
  readonly feature: FeatureWord;
  readonly namespace: string;
  readonly key: string;
}

const numRuns = process.env.TEST_SCALE === 'long' ? 20_000 : 1_000;
const layouts: KeySpaceOptions['layout'][] = ['plain', 'bucketed'];
const HOSTILE_KEYS = [
  ...['', ' ', '*', '?', '[a-z]', '\\', '{', '}', '{}', '}{', '{03}:x', ':', '::', 'shop:eu', '*?[]\\{}:'],
  ...['\n\r\t', '\u007f', '\u202e', '日本語', 'é', 'e\u0301', '🙂', '__proto__', 'x'.repeat(10_240)],
];

/** Pieces that are apt to be taken for something else: separators, buckets, and now and then what is refused. */
const piece = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(':', 'a', 'b', 'shop', 'eu', 'caches', '*', 'é', '\ufffd') },
  { weight: 2, arbitrary: fc.constantFrom('{', '}', '{03}', '{03}:', '{3f}:', ...FEATURE_WORDS) },
  { weight: 1, arbitrary: fc.constantFrom('\0', '\ud800', '\udfff') },
);
const textOf = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(piece, { maxLength }).map((pieces) => pieces.join(''));
const feature = fc.constantFrom(...FEATURE_WORDS);
const place: fc.Arbitrary<Place> = fc.record({
  prefix: textOf(4),
  feature,
  namespace: textOf(2),
  key: textOf(6),
});

const build = (layout: KeySpaceOptions['layout'], { prefix, feature, namespace, key }: Place): string =>
  new KeySpace({ keyPrefix: prefix, layout }).of(feature, namespace)(key);

function buildIfAccepted(layout: KeySpaceOptions['layout'], place: Place): Buffer | undefined {
  try {
    return Buffer.from(build(layout, place));
  } catch {
    return undefined;
  }
}

/** Everything a key string could be read as: each colon taken for each of the separators. */
function readingsOf(layout: KeySpaceOptions['layout'], built: string): Place[] {
  const parts = built.split(':');
  const behindNamespace = layout === 'plain' ? 0 : 1;
  const readings = parts.flatMap((part, at): Place[] => {
    if (at === 0 || !(FEATURE_WORDS as readonly string[]).includes(part)) return [];
    const ends = parts.map((_, end) => end).filter((end) => end > at && end + behindNamespace < parts.length - 1);
    return ends.map((end) => ({
      prefix: parts.slice(0, at).join(':'),
      feature: part as FeatureWord,
      namespace: parts.slice(at + 1, end + 1).join(':'),
      key: parts.slice(end + 1 + behindNamespace).join(':'),
    }));
  });
  return readings.filter((reading) => buildIfAccepted(layout, reading)?.equals(Buffer.from(built)));
}

describe.each(layouts)('a key string (%s)', (layout) => {
  it('can be read in one way only', () => {
    fc.assert(
      fc.property(place, (original) => {
        const built = buildIfAccepted(layout, original)?.toString();
        fc.pre(built !== undefined);
        expect(readingsOf(layout, built)).toEqual([original]);
      }),
      { numRuns, maxSkipsPerRun: 1_000 },
    );
  });

  it('is other bytes than that of any other place', () => {
    const seen = new Map<string, Place>();
    fc.assert(
      fc.property(place, (one) => {
        const bytes = buildIfAccepted(layout, one)?.toString('hex');
        fc.pre(bytes !== undefined);
        expect(seen.get(bytes) ?? one).toEqual(one);
        seen.set(bytes, one);
      }),
      { numRuns, maxSkipsPerRun: 1_000 },
    );
  });

  it.each([
    ['prefixes that begin alike', { prefix: 'shop', namespace: 'eu' }, { prefix: 'shop:eu', namespace: 'eu' }],
    ['a colon in the key', { namespace: 'a', key: 'b:c' }, { namespace: 'a', key: 'c' }],
    ['a key like a bucket', { key: '{03}:x' }, { key: 'x' }],
    ['composed and decomposed accents', { key: 'é' }, { key: 'e\u0301' }],
  ])('tells apart %s', (_, one, other) => {
    const common: Place = { prefix: 'shop', feature: 'cache', namespace: 'products', key: '1' };
    expect(build(layout, { ...common, ...one })).not.toBe(build(layout, { ...common, ...other }));
  });

  it.each(HOSTILE_KEYS.map((key) => [JSON.stringify(key.slice(0, 20)), key]))(
    'ends in the key %s as it is',
    (_, key) => {
      const built = build(layout, { prefix: 'shop:eu', feature: 'cache', namespace: 'products', key });
      expect(built).toBe(`shop:eu:cache:products:${layout === 'plain' ? '' : `{${bucketOf(key)}}:`}${key}`);
    },
  );

  it.each([
    ['a\0b', 'The key "a\\u0000b" holds a NUL character, which keys may not.'],
    ['\ud83d', 'The key "\\ud83d" holds half of a surrogate pair: it is no valid Unicode text.'],
    ['a\udc00b', 'The key "a\\udc00b" holds half of a surrogate pair: it is no valid Unicode text.'],
    [undefined, 'A key is a string, got nothing.'],
    [null, 'A key is a string, got null.'],
    [42, 'A key is a string, got 42.'],
    [{ id: 1 }, 'A key is a string, got an object.'],
    [['a'], 'A key is a string, got an array of 1.'],
    [Symbol('id'), 'A key is a string, got a symbol.'],
  ])('is refused for the key %j', (key, message) => {
    const keyOf = new KeySpace({ keyPrefix: 'shop', layout }).of('cache', 'products');
    expect(() => keyOf(key as string)).toThrow(expect.objectContaining({ code: 'INVALID_KEY', message }));
  });
});

describe('a key that is refused', () => {
  it('is cut short in the message', () => {
    const refusal = expect.objectContaining({
      message: `The key "${'x'.repeat(77)}…" holds a NUL character, which keys may not.`,
    });
    expect(() => assertKey(`${'x'.repeat(10_240)}\0`)).toThrow(refusal);
  });

  it('shows its control characters', () => {
    expect(() => assertKey('\n\u009b\u202e\0')).toThrow('The key "\\u000a\\u009b\\u202e\\u0000" holds a NUL');
  });
});

describe('a namespace', () => {
  it.each(['products', 'a b', 'a*[b]', 'é', '1', 'cache'])('may be %j', (given) => {
    expect(requireNamespace('namespace', given)).toBe(given);
  });

  it.each(['', 'a:b', ':', '{a}', 'a}', 'a{', 'a\0', undefined, null, 7])('may not be %j', (given) => {
    const message = 'cache.namespaces: expected a name that is not empty, without ":", braces or NUL, got ';
    expect(() => requireNamespace('cache.namespaces', given)).toThrow(message);
    const space = new KeySpace({ keyPrefix: 'shop', layout: 'plain' });
    expect(() => space.of('cache', given as string)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('a prefix', () => {
  it.each(['shop', 'shop:eu', 'shop:', ':', 'é', 'a*', 'Cache', 'caches', 'my-cache'])('may be %j', (given) => {
    expect(requirePrefix('keyPrefix', given)).toBe(given);
  });

  it.each(['', '{shop}', 'shop}', '{', 'a\0b', undefined, null, 7])('may not be %j', (given) => {
    const message = 'keyPrefix: expected a text that is not empty, without braces or NUL, got ';
    expect(() => new KeySpace({ keyPrefix: given as string, layout: 'plain' })).toThrow(message);
  });

  it.each(FEATURE_WORDS)('may not hold the word %j between colons', (word) => {
    const message = `expected a text in which no part between ":" is the reserved word "${word}", got `;
    for (const given of [word, `shop:${word}`, `${word}:eu`, `shop:${word}:eu`]) {
      expect(() => requirePrefix('keyPrefix', given)).toThrow(`${message}'${given}'.`);
    }
  });
});

describe('half of a surrogate pair', () => {
  it.each([
    ['a namespace', requireNamespace],
    ['a prefix', requirePrefix],
  ])('stands in no %s', (_, require) => {
    const message = "name: expected valid Unicode text (this holds half of a surrogate pair), got 'a\\ud800'.";
    expect(() => require('name', 'a\ud800')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message }));
  });
});

describe('on a cluster', () => {
  const inCluster = (feature: FeatureWord, key: string): string =>
    build('bucketed', { prefix: 'shop', feature, namespace: 'products', key });

  it('everything of one key lies in one slot', () => {
    const anyKey = fc.oneof(fc.constantFrom(...HOSTILE_KEYS), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(
        anyKey.filter((key) => !key.includes('\0')),
        (key) => {
          const slots = FEATURE_WORDS.map((word) => slotOf(inCluster(word, key)));
          expect(slots).toEqual(slots.map(() => slotOf(bucketOf(key))));
        },
      ),
    );
  });

  it('the buckets have slots of their own, on all three thirds of them', () => {
    const slots = Array.from({ length: CLUSTER_BUCKETS }, (_, bucket) => slotOf(bucket.toString(16).padStart(2, '0')));
    expect(new Set(slots).size).toBe(CLUSTER_BUCKETS);
    for (const third of [0, 1, 2]) {
      const inThird = slots.filter((slot) => Math.floor((slot * 3) / 16_384) === third);
      expect(inThird.length).toBeGreaterThanOrEqual(CLUSTER_BUCKETS / 6);
    }
  });

  it.each([
    ['counted up', (at: number) => `product:${at}`],
    ['with a common end', (at: number) => `${at}:summary`],
    ['of one letter more each', (at: number) => 'x'.repeat(at % 500) + at],
  ])('keys %s fill the buckets evenly', (_, keyOf) => {
    const perBucket = 200;
    const counts = new Map<string, number>();
    for (let at = 0; at < perBucket * CLUSTER_BUCKETS; at += 1) {
      const bucket = bucketOf(keyOf(at));
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(Array.from({ length: 64 }, (_, at) => at.toString(16).padStart(2, '0')));
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - perBucket) ** 2 / perBucket, 0);
    // Chance alone gives 63 ± 11; more than twice that would be a lopsided hash.
    expect(chiSquare).toBeLessThan(126);
  });

  it('a bucket never changes, or a deploy would lose every entry', () => {
    // The check value of CRC-32 is cbf43926, and that of the empty text 0.
    expect([bucketOf('123456789'), bucketOf('')]).toEqual(['26', '00']);
  });
});

/** The hash slot by the Redis Cluster specification: CRC-16/XMODEM of what stands in the first braces. */
function slotOf(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key.slice(key.indexOf('{')))?.[1];
  let crc = 0;
  for (const byte of Buffer.from(tag ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc % 16_384;
}
