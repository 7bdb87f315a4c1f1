import { describeGiven } from '../common/index.js';
import { shown } from '../common/index.js';
import { InvalidPatternError } from './keys.errors.js';

type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER | CharacterSet;

interface CharacterSet {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

const ANY_TEXT = Symbol('*');
const ANY_CHARACTER = Symbol('?');

/**
 * A glob over the keys of a namespace: `*` any text, `?` one character, `[abc]`, `[a-z]`, `[^a]` one of (or none of)
 * these characters, `\` takes the next character as it is. Characters are Unicode code points.
 */
export class Pattern {
  private constructor(
    readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  /** @throws InvalidPatternError for no string, a `[` that is never closed, an empty set, a `\` with nothing behind it. */
  static parse(source: string): Pattern {
    if (typeof source !== 'string')
      throw new InvalidPatternError(source, `A pattern is a string, got ${describeGiven('', source)}.`);
    return new Pattern(source, [...tokensOf(source)]);
  }

  /** The text every match begins with: the part of an index that has to be looked at. Empty when there is none. */
  get literalPrefix(): string {
    let prefix = '';
    for (const token of this.tokens) {
      if (typeof token !== 'string') break;
      prefix += token;
    }
    return prefix;
  }

  /** True when the pattern matches exactly one key: its `literalPrefix`. */
  get isLiteral(): boolean {
    return this.tokens.every((token) => typeof token === 'string');
  }

  /** True for a literal text followed by one `*`: whatever begins with the text matches. */
  get isPrefix(): boolean {
    return this.tokens.at(-1) === ANY_TEXT && this.tokens.slice(0, -1).every((token) => typeof token === 'string');
  }

  /** Takes time in proportion to key × pattern at worst, whatever the pattern. */
  matches(key: string): boolean {
    const characters = [...key];
    let at = 0;
    let next = 0;
    let star = -1;
    let starAt = 0;
    while (at < characters.length) {
      const token = this.tokens[next];
      if (token === ANY_TEXT) {
        star = next;
        next += 1;
        starAt = at;
      } else if (token !== undefined && accepts(token, characters[at]!)) {
        next += 1;
        at += 1;
      } else if (star !== -1) {
        starAt += 1;
        at = starAt;
        next = star + 1;
      } else {
        return false;
      }
    }
    return this.tokens.slice(next).every((token) => token === ANY_TEXT);
  }
}

/** Makes a text match itself inside a pattern, ours or Redis's: `a*b` becomes `a\*b`. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}

function accepts(token: Token, character: string): boolean {
  if (token === ANY_CHARACTER) return true;
  if (typeof token === 'string') return token === character;
  if (typeof token === 'symbol') return false;
  const code = character.codePointAt(0)!;
  return token.ranges.some(([from, to]) => code >= from && code <= to) !== token.negated;
}

function* tokensOf(source: string): Generator<Token> {
  const characters = [...source];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    if (character === '*') yield ANY_TEXT;
    else if (character === '?') yield ANY_CHARACTER;
    else if (character === '\\') {
      at += 1;
      yield characters[at] ?? fail(source, 'ends in a "\\" that escapes nothing.');
    } else if (character === '[') {
      const set = readSet(source, characters, at + 1);
      yield set.token;
      at = set.end;
    } else yield character;
  }
}

function readSet(source: string, characters: readonly string[], start: number): { token: CharacterSet; end: number } {
  const negated = characters[start] === '^';
  const ranges: [number, number][] = [];
  let at = negated ? start + 1 : start;
  const take = (): number => {
    if (characters[at] === '\\') at += 1;
    const taken =
      characters[at] ?? fail(source, 'has a "[" that is never closed. Write "\\[" for the character itself.');
    at += 1;
    return taken.codePointAt(0)!;
  };
  while (characters[at] !== ']') {
    const from = take();
    const isRange = characters[at] === '-' && characters[at + 1] !== ']';
    if (isRange) at += 1;
    const to = isRange ? take() : from;
    ranges.push(from <= to ? [from, to] : [to, from]);
  }
  if (ranges.length === 0) fail(source, `has a "${negated ? '[^]' : '[]'}" with no character in it.`);
  return { token: { negated, ranges }, end: at };
}

function fail(source: string, problem: string): never {
  throw new InvalidPatternError(source, `The pattern '${shown(source)}' ${problem}`);
}
