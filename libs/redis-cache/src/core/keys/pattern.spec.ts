import { jest } from '@jest/globals';
import fc from 'fast-check';
import { escapeGlob, Pattern } from './pattern.js';

/** One part of a pattern in two languages, and a text it matches. */
interface Part {
  readonly glob: string;
  readonly regExp: string;
  readonly sample: string;
}

const numRuns = process.env.TEST_SCALE === 'long' ? 20_000 : 2_000;
const SPECIAL = ['*', '?', '[', ']', '\\'];

const character = fc.constantFrom('a', 'b', 'c', '-', '^', ':', '{', '\n', 'é', '🙂', '🙃', ...SPECIAL);
const key = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''));
const inRegExp = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

const literal = fc.tuple(character, fc.boolean()).map(([sample, escaped]): Part => {
  const glob = escaped || SPECIAL.includes(sample) ? `\\${sample}` : sample;
  return { glob, regExp: inRegExp(sample), sample };
});
const anyText = key.map((sample): Part => ({ glob: '*', regExp: '.*', sample }));
const anyCharacter = character.map((sample): Part => ({ glob: '?', regExp: '.', sample }));

/** `a`, `\]`, `a-c`, and `c-a`, which is the same. */
const setItem = fc.oneof(
  character.map((one) => ({ glob: /[a-c:{é]/.test(one) ? one : `\\${one}`, regExp: inRegExp(one), sample: one })),
  fc.constantFrom('a-c', 'c-a', '\\a-\\c').map((glob) => ({ glob, regExp: 'a-c', sample: 'b' })),
  fc.constantFrom('🙂-🙃', '🙃-🙂').map((glob) => ({ glob, regExp: '🙂-🙃', sample: '🙂' })),
);
const set = fc.tuple(fc.array(setItem, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([items, negated]): Part => {
  const join = (language: 'glob' | 'regExp'): string => items.map((item) => item[language]).join('');
  return negated
    ? { glob: `[^${join('glob')}]`, regExp: `[^${join('regExp')}]`, sample: 'Ω' }
    : { glob: `[${join('glob')}]`, regExp: `[${join('regExp')}]`, sample: items[0]!.sample };
});

/** At most three stars: the regular expression, unlike the pattern, takes forever with more. */
const parts = fc
  .array(fc.oneof(literal, literal, anyText, anyCharacter, set), { maxLength: 8 })
  .filter((given) => given.filter(({ glob }) => glob === '*').length <= 3);
const globOf = (given: readonly Part[]): string => given.map(({ glob }) => glob).join('');
const regExpOf = (given: readonly Part[]): RegExp =>
  new RegExp(`^${given.map(({ regExp }) => regExp).join('')}$`, 'su');
const sampleOf = (given: readonly Part[]): string => given.map(({ sample }) => sample).join('');

describe('a pattern', () => {
  it('matches what the same regular expression matches', () => {
    fc.assert(
      fc.property(parts, key, fc.nat(), (given, text, position) => {
        const pattern = Pattern.parse(globOf(given));
        const nearMiss = [...sampleOf(given)];
        nearMiss.splice(position % (nearMiss.length + 1), 1);
        for (const candidate of [text, nearMiss.join('')]) {
          expect([candidate, pattern.matches(candidate)]).toEqual([candidate, regExpOf(given).test(candidate)]);
        }
      }),
      { numRuns },
    );
  });

  it('matches what was made to fit it, and begins with its literal prefix', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const pattern = Pattern.parse(globOf(given));
        expect(pattern.matches(sampleOf(given))).toBe(true);
        expect(sampleOf(given).startsWith(pattern.literalPrefix)).toBe(true);
      }),
      { numRuns },
    );
  });

  it('is literal when nothing in it stands for something else', () => {
    fc.assert(
      fc.property(
        fc.array(literal),
        fc.array(fc.oneof(anyText, anyCharacter, set), { maxLength: 1 }),
        (given, rest) => {
          const pattern = Pattern.parse(globOf([...given, ...rest, ...given]));
          expect(pattern.isLiteral).toBe(rest.length === 0);
          expect(pattern.literalPrefix).toBe(sampleOf(rest.length === 0 ? [...given, ...given] : given));
        },
      ),
      { numRuns: numRuns / 5 },
    );
  });

  it.each([
    ['', ''],
    ['product:1', 'product:1'],
    ['product:*', 'product:'],
    ['product:?', 'product:'],
    ['product:[12]', 'product:'],
    ['a\\*b*', 'a*b'],
    ['🙂🙂?', '🙂🙂'],
    ['*:1', ''],
  ])('%j has the literal prefix %j', (source, prefix) => {
    expect(Pattern.parse(source).literalPrefix).toBe(prefix);
  });

  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['?', '', false],
    ['product:*', 'product:', true],
    ['product:*', 'Product:1', false],
    ['*:summary', '1:summary:summary', true],
    ['a*b*c', 'abcb', false],
    ['?', '🙂', true],
    ['[a-]', '-', true],
    ['[a-]', 'b', false],
    ['[^^]', '^', false],
    ['[a^]', '^', true],
  ])('%j on %j: %j', (source, text, outcome) => {
    expect(Pattern.parse(source).matches(text)).toBe(outcome);
  });

  it.each([
    ['[]', 'has a "[]" with no character in it.'],
    ['a[^]', 'has a "[^]" with no character in it.'],
    ['a[bc', 'has a "[" that is never closed. Write "\\[" for the character itself.'],
    ['[', 'has a "[" that is never closed. Write "\\[" for the character itself.'],
    ['[a\\]', 'has a "[" that is never closed. Write "\\[" for the character itself.'],
    ['[a-', 'has a "[" that is never closed. Write "\\[" for the character itself.'],
    ['a\\', 'ends in a "\\" that escapes nothing.'],
    ['\\', 'ends in a "\\" that escapes nothing.'],
  ])('%j is refused: it %s', (source, problem) => {
    const refusal = { code: 'INVALID_PATTERN', pattern: source, message: `The pattern '${source}' ${problem}` };
    expect(() => Pattern.parse(source)).toThrow(expect.objectContaining(refusal));
  });

  it.each<[source: unknown, message: string]>([
    [undefined, 'A pattern is a string, got nothing.'],
    [/a*/, 'A pattern is a string, got an object.'],
    [7, 'A pattern is a string, got 7.'],
  ])('is refused when it is %p', (source, message) => {
    expect(() => Pattern.parse(source as string)).toThrow(
      expect.objectContaining({ code: 'INVALID_PATTERN', message }),
    );
  });
});

describe('a pattern that is refused', () => {
  it.each([
    [`${'x'.repeat(10_240)}[`, `'${'x'.repeat(77)}…'`],
    ['a\0\n\u009b\ud800[', "'a\\u0000\\u000a\\u009b\\ud800['"],
  ])('is cut short and made visible in the message (%#)', (source, told) => {
    expect(() => Pattern.parse(source)).toThrow(`The pattern ${told} has a "["`);
  });
});

describe('an escaped text', () => {
  it('matches itself and nothing else', () => {
    fc.assert(
      fc.property(key, key, (text, other) => {
        const pattern = Pattern.parse(escapeGlob(text));
        expect(pattern).toMatchObject({ isLiteral: true, literalPrefix: text });
        expect([pattern.matches(text), pattern.matches(other)]).toEqual([true, text === other]);
      }),
      { numRuns },
    );
  });
});

describe('the work of matching', () => {
  const LENGTH = 10_000;

  afterEach(() => jest.restoreAllMocks());

  /** How often a set is asked for a character; gives up where a backtracking matcher would run for years. */
  function countSteps(source: string, text: string, limit: number): number {
    const pattern = Pattern.parse(source);
    let steps = 0;
    const { codePointAt } = String.prototype;
    jest.spyOn(String.prototype, 'codePointAt').mockImplementation(function (this: string, at: number) {
      steps += 1;
      if (steps > limit) throw new Error(`More than ${limit} steps.`);
      return codePointAt.call(this, at);
    });
    const matches = pattern.matches(text);
    jest.restoreAllMocks();
    expect(matches).toBe(false);
    return steps;
  }

  it('grows with the length of the key, however many stars there are', () => {
    const steps = countSteps(`${'[a]*'.repeat(LENGTH / 2)}[b]`, 'a'.repeat(LENGTH), 2 * LENGTH);
    expect(steps).toBeGreaterThanOrEqual(LENGTH / 2);
  });

  it('is never more than key times pattern', () => {
    const [width, height] = [100, 1_000];
    const steps = countSteps(`*${'[a]'.repeat(width)}[b]`, 'a'.repeat(height), (width + 2) * height);
    expect(steps).toBeGreaterThan(height);
  });

  it('ends with plain letters between the stars, too', () => {
    expect(Pattern.parse(`${'a*'.repeat(LENGTH)}b`).matches('a'.repeat(LENGTH))).toBe(false);
    expect(Pattern.parse(`${'*a'.repeat(LENGTH)}*`).matches('a'.repeat(LENGTH))).toBe(true);
  });
});
