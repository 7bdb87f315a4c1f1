import { createHash } from 'node:crypto';
import { types } from 'node:util';

/** The name under which the class of an instance is registered, and what stands for it in a key. */
export type RegisteredParts = (instance: object) => { readonly name: string; readonly data: unknown } | undefined;

export interface ArgumentReading {
  readonly partsOf: RegisteredParts;
  /** Called with what is wrong with the argument, as the end of a sentence that names it. */
  readonly refuse: (problem: string) => never;
}

/** Longer texts are replaced by their hash. */
const LONGEST_BYTES = 64;

/**
 * The text of an argument in a default key. Different arguments have different texts, and equal ones the same, whatever
 * the order of their properties: `"1"`, `1`, `1n`, `true`, `null`, `undefined`, `[1,"a"]`, `{"a":1}`, `Date(0)`. No text is
 * the beginning of another one and a colon, so texts joined by colons can be told apart again.
 */
export class ArgumentText {
  private readonly open = new Set<object>();

  private constructor(private readonly reading: ArgumentReading) {}

  static of(argument: unknown, reading: ArgumentReading): string {
    const text = new ArgumentText(reading).textOf(argument);
    return Buffer.byteLength(text) <= LONGEST_BYTES
      ? text
      : `#${createHash('sha256').update(text).digest('base64url')}`;
  }

  private textOf(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value);
      case 'bigint':
        return `${value}n`;
      case 'boolean':
      case 'undefined':
        return String(value);
      case 'object':
        return value === null ? 'null' : this.textOfObject(value);
      default:
        return this.reading.refuse(`is or holds a ${typeof value}, which no text stands for.`);
    }
  }

  private textOfObject(value: object): string {
    if (this.open.has(value)) return this.reading.refuse('contains itself.');
    this.open.add(value);
    const text = this.textOfParts(value);
    this.open.delete(value);
    return text;
  }

  private textOfParts(value: object): string {
    const name = classNameOf(value);
    if (isPlain(value)) return this.textOfFields(value);
    if (Array.isArray(value) && name === 'Array') return this.textOfItems(value);
    if (types.isDate(value) && name === 'Date') return `Date(${value.getTime()})`;
    if (types.isMap(value) && name === 'Map')
      return `Map(${sorted([...value].map(([key, item]) => `${this.textOf(key)}:${this.textOf(item)}`))})`;
    if (types.isSet(value) && name === 'Set') return `Set(${sorted([...value].map((item) => this.textOf(item)))})`;
    if (types.isUint8Array(value) && (name === 'Uint8Array' || name === 'Buffer'))
      return `${name}(${Buffer.from(value).toString('base64')})`;
    if (name === 'URL' && value instanceof URL) return `URL(${JSON.stringify(value.href)})`;
    const registered = this.reading.partsOf(value);
    if (registered === undefined) return this.reading.refuse(describe(value, name));
    return `@${registered.name}(${this.textOf(registered.data)})`;
  }

  private textOfItems(items: readonly unknown[]): string {
    const isBare = Object.keys(items).every((key) => /^\d+$/.test(key));
    if (!isBare) return this.reading.refuse('is or holds an array with properties of its own.');
    return `[${Array.from(items, (item, at) => (at in items ? this.textOf(item) : 'empty')).join(',')}]`;
  }

  private textOfFields(fields: Record<string, unknown>): string {
    if (Object.getOwnPropertySymbols(fields).length > 0) return this.reading.refuse('holds a symbol as a key.');
    return `{${sorted(Object.keys(fields).map((key) => `${JSON.stringify(key)}:${this.textOf(fields[key])}`))}}`;
  }
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join(',');
}

/** Read from the prototype, so that own fields cannot lie. */
function classNameOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (classNameOf(value) === 'Object' && Object.getPrototypeOf(prototype) === null);
}

/** Names under which frameworks keep what belongs to one call: registering such a class would be no way out. */
const OF_ONE_CALL = /(Request|Response|Reply|Stream|Socket|Signal|Context|Message)$/;

function describe(value: object, name = 'a class without a name'): string {
  const isOfOneCall = 'pipe' in value || 'getReader' in value || OF_ONE_CALL.test(name);
  if (isOfOneCall) return `is or holds an instance of ${name}, which belongs to this one call.`;
  return `is or holds an instance of ${name}, which is not registered: write classes: [${name}] in forRoot or forFeature.`;
}
