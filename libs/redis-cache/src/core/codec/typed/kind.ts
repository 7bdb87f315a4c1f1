/** Encodes a part of a value. `step` says how to get there from the whole, for the message of a refusal: `.name`, `[3]`. */
export type EncodePart = (part: unknown, step: string | number) => unknown;

/** Revives a part that was encoded by {@link EncodePart}. */
export type RevivePart = (part: unknown) => unknown;

/** Something MessagePack has no form of its own for, and how it is written as something MessagePack has. */
export interface Kind {
  /** Stored with each value of this kind: never rename one. */
  readonly name: string;
  readonly matches: (value: object) => boolean;
  readonly encode: (value: never, encodePart: EncodePart) => unknown;
  /** Makes the value, or an empty one that `fill` completes: only then may the value contain itself. */
  readonly create: (data: never, revivePart: RevivePart) => unknown;
  readonly fill?: (created: never, data: never, revivePart: RevivePart) => void;
}

/** The name of the class of an object, read from its prototype so that own fields cannot lie. */
export function classNameOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name;
}
