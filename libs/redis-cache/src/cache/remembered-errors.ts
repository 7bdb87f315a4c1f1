import { InvalidOptionError, refuse } from '../core/common/index.js';

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** @throws InvalidOptionError */
export function requireErrorClasses(option: string, given: unknown): readonly ErrorClass[] {
  if (!Array.isArray(given) || !given.every(isErrorClass))
    return refuse(option, 'an array of classes of errors', given);
  const names = given.map(({ name }) => name);
  if (names.includes('') || new Set(names).size < names.length)
    throw new InvalidOptionError(option, `needs a name for each class, and no name twice, got ${names.join(', ')}.`);
  return given;
}

function isErrorClass(given: unknown): given is ErrorClass {
  return typeof given === 'function' && (given === Error || given.prototype instanceof Error);
}

/** What is stored of an error. */
interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  /** Its own properties, such as the status of a Nest exception. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Which errors of a load are remembered, and for how long. */
export class RememberedErrors {
  constructor(
    private readonly classes: readonly ErrorClass[],
    readonly ttlMs: number,
  ) {}

  /** @returns `undefined` when the error is of none of the classes; one of a class below them would lose its type */
  recordOf(error: unknown): ErrorRecord | undefined {
    const known = this.classes.find((known) => error instanceof known && error.constructor === known);
    if (known === undefined) return undefined;
    const { message, ...fields } = { ...(error as Error) };
    return { name: known.name, message: message ?? (error as Error).message, fields };
  }

  /** An error like the one that was remembered; `undefined` when its class is none of these. */
  revive(record: unknown): Error | undefined {
    const { name, message, fields } = (record ?? {}) as Partial<ErrorRecord>;
    const known = this.classes.find((known) => known.name === name);
    if (known === undefined) return undefined;
    const error = Object.create(known.prototype as Error) as Error;
    Object.defineProperty(error, 'message', { value: message, configurable: true, writable: true });
    Object.assign(error, fields);
    Error.captureStackTrace(error, RememberedErrors);
    return error;
  }
}
