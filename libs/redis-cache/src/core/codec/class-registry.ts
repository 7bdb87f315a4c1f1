import { InvalidOptionError, refuse } from '../common/index.js';

/** A class whose instances are stored as their own fields and revived on its prototype. */
export type RegisteredClass = abstract new (...args: never[]) => object;

/** How instances of one class become something that can be stored, and return. */
export interface ClassCodec {
  // Method syntax keeps the parameter bivariant, so that `{ encode: (d: Decimal) => d.toString(), … }` compiles.
  encode(instance: unknown): unknown;
  decode(data: unknown): unknown;
}

/** `[Product, Review]`, or `{ Decimal: { encode, decode } }` by the name of the class. */
export type ClassRegistration = readonly RegisteredClass[] | Readonly<Record<string, ClassCodec>>;

/** The classes whose instances may be stored. Anything else that is not a plain value is refused. */
export class ClassRegistry {
  private readonly classes = new Map<string, RegisteredClass>();
  private readonly codecs = new Map<string, ClassCodec>();

  constructor(registrations: readonly { readonly option: string; readonly classes: ClassRegistration }[]) {
    for (const { option, classes } of registrations) {
      if (isClassList(classes)) classes.forEach((registered, at) => this.addClass(`${option}[${at}]`, registered));
      else Object.entries(classes).forEach(([name, codec]) => this.addCodec(`${option}.${name}`, name, codec));
    }
  }

  /** The name an instance is registered under; a subclass of a registered class is a class of its own. */
  nameOf(instance: object): string | undefined {
    const constructor = (Object.getPrototypeOf(instance) as { constructor?: RegisteredClass } | null)?.constructor;
    if (typeof constructor !== 'function') return undefined;
    const { name } = constructor;
    return this.codecs.has(name) || this.classes.get(name) === constructor ? name : undefined;
  }

  /** What an instance of a registered class is stored as: its own fields, or what its codec makes of it. */
  partsOf(instance: object): { readonly name: string; readonly data: unknown } | undefined {
    const name = this.nameOf(instance);
    if (name === undefined) return undefined;
    const codec = this.codecOf(name);
    return { name, data: codec === undefined ? { ...instance } : codec.encode(instance) };
  }

  prototypeOf(name: string | undefined): object | undefined {
    return name === undefined ? undefined : (this.classes.get(name)?.prototype as object | undefined);
  }

  codecOf(name: string | undefined): ClassCodec | undefined {
    return name === undefined ? undefined : this.codecs.get(name);
  }

  private addClass(option: string, registered: RegisteredClass): void {
    if (typeof registered !== 'function' || !registered.name) refuse(option, 'a class with a name', registered);
    if (this.classes.get(registered.name) === registered) return;
    this.refuseSecond(option, registered.name);
    this.classes.set(registered.name, registered);
  }

  private addCodec(option: string, name: string, codec: ClassCodec): void {
    const complete = typeof codec?.encode === 'function' && typeof codec?.decode === 'function';
    if (!complete) refuse(option, 'an object with encode(instance) and decode(data)', codec);
    if (this.codecs.get(name) === codec) return;
    this.refuseSecond(option, name);
    this.codecs.set(name, codec);
  }

  private refuseSecond(option: string, name: string): void {
    if (!this.classes.has(name) && !this.codecs.has(name)) return;
    throw new InvalidOptionError(
      option,
      `two classes are registered as "${name}". Rename one: the name is stored with each value.`,
    );
  }
}

function isClassList(classes: ClassRegistration): classes is readonly RegisteredClass[] {
  return Array.isArray(classes);
}
