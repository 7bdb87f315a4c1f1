/* eslint-disable @typescript-eslint/no-explicit-any -- `unknown` would refuse every method that has a parameter */

/** A method that may be decorated: whatever it is given, it answers with a promise. */
export type AsyncMethod = (...args: any[]) => Promise<any>;

export type ArgsOf<Method extends AsyncMethod> = Parameters<Method>;
export type ResultOf<Method extends AsyncMethod> = Awaited<ReturnType<Method>>;

/** A function of the user's. `this` is the instance whose method was called. */
export type Callback<Args extends any[], T> = (this: any, ...args: Args) => T;

/** The prototype of a class. The class itself, to which static methods belong, has a `prototype` and does not fit. */
export type Prototype = object & { readonly prototype?: never };

/** What a placeholder of a template may stand for: exactly one text for one value. */
export type Scalar = string | number | boolean | bigint;

/** A type nobody's method has, whose one key is the sentence the user reads in the compiler's message. */
type Need<Sentence extends string> = { readonly [K in Sentence]: never };

/** The texts that are written out in an option: `'a'` of `'a'`, `'a' | 'b'` of `['a', 'b']`. */
type LiteralsOf<Value> = Value extends string
  ? string extends Value
    ? never
    : Value
  : Value extends readonly (infer Item)[]
    ? LiteralsOf<Item>
    : never;

type PlaceholdersOf<Text> = Text extends `${string}{${infer Placeholder}}${infer Rest}`
  ? Placeholder | PlaceholdersOf<Rest>
  : never;

type PartOf<Value, Path> = Path extends keyof Value
  ? Value[Path]
  : Path extends `${infer Head}.${infer Rest}`
    ? Head extends keyof Value
      ? PartOf<Value[Head], Rest>
      : undefined
    : undefined;

type ValueOf<Placeholder, Args extends any[]> = Placeholder extends `${infer At extends number}.${infer Path}`
  ? PartOf<Args[At], Path>
  : Placeholder extends `${infer At extends number}`
    ? Args[At]
    : undefined;

type MisfitIn<Text, Args extends any[]> =
  PlaceholdersOf<Text> extends infer Placeholder
    ? Placeholder extends string
      ? [ValueOf<Placeholder, Args>] extends [Scalar]
        ? never
        : `{${Placeholder}} is no text, number, boolean or bigint that every call gives`
      : never
    : never;

type TemplateOption = 'key' | 'keys' | 'pattern' | 'patterns' | 'tags';

/** What is wrong with the templates among the options of one operation. */
export type TemplateMisfit<Options, Args extends any[]> = {
  [Option in keyof Options & TemplateOption]: MisfitIn<LiteralsOf<Options[Option]>, Args>;
}[keyof Options & TemplateOption];

/** A key that names no argument of a method which has some: every call would get the same entry. */
export type SharedKeyMisfit<Options, Args extends any[]> = Options extends { readonly key: infer Key extends string }
  ? string extends Key
    ? never
    : [PlaceholdersOf<Key>, Args] extends [never, [any?, ...any[]]]
      ? Args extends []
        ? never
        : 'key names no argument, so all calls would share one entry; a function says that it is meant'
      : never
  : never;

/** Options there are none of: what is inferred from an object literal may hold any. */
export type UnknownMisfit<Options, Known extends PropertyKey> =
  Exclude<keyof Options, Known> extends infer Option extends string ? `there is no option ${Option}` : never;

/** `unknown` when there is no misfit. */
export type Fits<Misfit> = [Misfit] extends [never] ? unknown : Need<Misfit & string>;
