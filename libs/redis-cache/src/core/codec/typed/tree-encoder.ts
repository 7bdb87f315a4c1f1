import { types } from 'node:util';
import { UnsupportedValueError } from '../codec.errors.js';
import { classNameOf, type Kind } from './kind.js';
import { tag } from './tag.js';

/**
 * Turns a value into one that MessagePack keeps exactly. What MessagePack keeps anyway is passed on as it is; the rest
 * is tagged with its kind. Objects met twice are written once and referred to, so cycles and sharing survive.
 */
export class TreeEncoder {
  /** Whether anything had to be tagged: if not, decoding needs no second walk. */
  hasTags = false;

  private readonly path: (string | number)[] = [];
  private readonly seen = new Set<object>();
  private readonly seenTwice = new Set<object>();
  private readonly written = new Map<object, number>();
  private readonly open = new Set<object>();

  constructor(
    private readonly kinds: readonly Kind[],
    private readonly shared: ReadonlySet<object> = new Set(),
  ) {}

  /** @throws UnsupportedValueError naming the place in the value */
  static encode(value: unknown, kinds: readonly Kind[]): { wire: unknown; hasTags: boolean } {
    const first = new TreeEncoder(kinds);
    const wire = first.visit(value);
    if (first.seenTwice.size === 0) return { wire, hasTags: first.hasTags };
    return { wire: new TreeEncoder(kinds, first.seenTwice).visit(value), hasTags: true };
  }

  private visit(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return value.isWellFormed() ? value : this.tag('utf16', Buffer.from(value, 'utf16le'));
      case 'number':
        return Object.is(value, -0) ? this.tag('-0') : value;
      case 'bigint':
        return this.tag('bigint', value.toString());
      case 'object':
        return value === null ? null : this.visitObject(value);
      case 'boolean':
      case 'undefined':
        return value;
      default:
        return this.refuse(`is a ${typeof value}, which only lives inside a process. Store what it stands for.`);
    }
  }

  private visitObject(object: object): unknown {
    if (this.shared.has(object)) return this.visitShared(object);
    if (this.seen.has(object)) {
      this.seenTwice.add(object);
      return null;
    }
    this.seen.add(object);
    return this.visitOnce(object);
  }

  private visitShared(object: object): unknown {
    const known = this.written.get(object);
    if (known === undefined) {
      const id = this.written.size;
      this.written.set(object, id);
      return this.tag('define', [id, this.visitOnce(object)]);
    }
    if (this.open.has(object)) this.refuse('contains itself, which a class with encode and decode cannot.');
    return this.tag('refer', known);
  }

  private visitOnce(object: object): unknown {
    if (Array.isArray(object) && classNameOf(object) === 'Array' && isDense(object)) return this.visitItems(object);
    if (isPlainObject(object)) return this.visitFields(object);
    if (Buffer.isBuffer(object) || isValidDate(object)) return object;
    return this.visitKind(object);
  }

  private visitItems(items: readonly unknown[]): readonly unknown[] {
    let changed: unknown[] | undefined;
    for (let at = 0; at < items.length; at += 1) {
      const wire = this.visitPart(items[at], at);
      if (changed === undefined && !Object.is(wire, items[at])) changed = items.slice(0, at);
      changed?.push(wire);
    }
    return changed ?? items;
  }

  private visitFields(fields: Record<string, unknown>): unknown {
    if (Object.getOwnPropertySymbols(fields).length > 0) this.refuse('has a symbol as a key.');
    const keys = Object.keys(fields);
    if (keys.some(isAwkwardKey)) return this.visitKind(fields);
    let changed: Record<string, unknown> | undefined;
    for (const key of keys) {
      const value = fields[key];
      const wire = this.visitPart(value, `.${key}`);
      if (Object.is(wire, value)) continue;
      changed ??= { ...fields };
      changed[key] = wire;
    }
    return changed ?? fields;
  }

  private visitKind(object: object): unknown {
    const kind = this.kinds.find(({ matches }) => matches(object));
    if (kind === undefined) return this.refuse(`is ${describeClass(object)}`);
    if (kind.fill === undefined) this.open.add(object);
    const data = kind.encode(object as never, (part, step) => this.visitPart(part, step));
    this.open.delete(object);
    return this.tag(kind.name, data);
  }

  private visitPart(part: unknown, step: string | number): unknown {
    if (typeof part !== 'object' && typeof part !== 'function' && typeof part !== 'symbol') return this.visit(part);
    this.path.push(step);
    const wire = this.visit(part);
    this.path.pop();
    return wire;
  }

  private tag(kind: string, data?: unknown): unknown {
    this.hasTags = true;
    return tag(kind, data);
  }

  private refuse(problem: string): never {
    const steps = this.path.map((step) => (typeof step === 'number' ? `[${step}]` : step));
    throw new UnsupportedValueError(`$${steps.join('')}`, problem);
  }
}

function isPlainObject(object: object): object is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(object);
  return (
    prototype === Object.prototype || (classNameOf(object) === 'Object' && Object.getPrototypeOf(prototype) === null)
  );
}

function isDense(items: readonly unknown[]): boolean {
  for (let at = 0; at < items.length; at += 1) if (!(at in items)) return false;
  return true;
}

function isValidDate(object: object): boolean {
  return types.isDate(object) && classNameOf(object) === 'Date' && !Number.isNaN(object.getTime());
}

function isAwkwardKey(key: string): boolean {
  return key === '__proto__' || !key.isWellFormed();
}

function describeClass(object: object): string {
  const name = classNameOf(object) ?? 'an object with a prototype of its own';
  return `an instance of ${name}, which is not registered. Write classes: [${name}] in forRoot or forFeature, or store a plain object.`;
}
