import { describeGiven, InvalidOptionError } from '../core/common/index.js';
import { UnsupportedArgumentError } from './cacheable.errors.js';

interface Placeholder {
  readonly source: string;
  readonly index: number;
  readonly path: readonly string[];
}

const PLACEHOLDER = /\{(\d+)((?:\.[^.{}]+)*)\}/g;

/** A text with placeholders for arguments: `'product:{0}'`, `'{0.id}:{1}'`. */
export class KeyTemplate {
  private constructor(
    private readonly texts: readonly string[],
    private readonly placeholders: readonly Placeholder[],
  ) {}

  /** @throws InvalidOptionError naming the option when a brace does not belong to a placeholder */
  static parse(option: string, source: string): KeyTemplate {
    const texts: string[] = [];
    const placeholders: Placeholder[] = [];
    let end = 0;
    for (const match of source.matchAll(PLACEHOLDER)) {
      texts.push(source.slice(end, match.index));
      placeholders.push({ source: match[0], index: Number(match[1]), path: match[2]!.split('.').slice(1) });
      end = match.index + match[0].length;
    }
    texts.push(source.slice(end));
    if (texts.some((text) => /[{}]/.test(text)))
      throw new InvalidOptionError(
        option,
        `in '${source}' a brace does not belong to a placeholder such as {0} or {0.id}. For a brace in a key write a function.`,
      );
    return new KeyTemplate(texts, placeholders);
  }

  get isConstant(): boolean {
    return this.placeholders.length === 0;
  }

  /**
   * @param escape what is done to each value before it is put in
   * @throws UnsupportedArgumentError when a value is missing, or of a kind that has no one text
   */
  fill(
    method: string,
    args: readonly unknown[],
    { escape = (text) => text }: { readonly escape?: (text: string) => string } = {},
  ): string {
    const values = this.placeholders.map((placeholder) => escape(textAt(method, args, placeholder)));
    return this.texts.reduce((filled, text, at) => filled + values[at - 1]! + text);
  }
}

function textAt(method: string, args: readonly unknown[], { source, index, path }: Placeholder): string {
  const value = path.reduce<unknown>(
    (whole, part) => (whole as Record<string, unknown> | null | undefined)?.[part],
    args[index],
  );
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      throw new UnsupportedArgumentError(
        method,
        index,
        `gives ${describeGiven('', value)} for the placeholder ${source}, which needs a text, number, boolean or bigint. ` +
          'Write the key as a function.',
      );
  }
}
