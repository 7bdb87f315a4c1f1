import { types } from 'node:util';
import { defineField } from './container.kinds.js';
import { classNameOf, type EncodePart, type Kind, type RevivePart } from './kind.js';

const BUILT_IN_ERRORS = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
};

const HIDDEN_FIELDS = ['message', 'stack', 'cause', 'errors'] as const;

type Fields = Record<string, unknown>;
type ErrorData = [name: string, hidden: Fields, own: Fields];

/** The errors of the language, with message, stack, cause and own fields. A class of your own is registered like any other. */
export const errorKind: Kind = {
  name: 'Error',
  matches: (value) => types.isNativeError(value) && (classNameOf(value) ?? '') in BUILT_IN_ERRORS,
  encode: (error: Error, encodePart): ErrorData => [
    classNameOf(error)!,
    encodeFields(hiddenFieldsOf(error), encodePart),
    encodeFields({ ...error }, encodePart),
  ],
  create: ([name]: ErrorData) => createError(name as keyof typeof BUILT_IN_ERRORS),
  fill: (error: Error, [, hidden, own]: ErrorData, revivePart) => {
    fillHiddenFields(error, hidden, revivePart);
    for (const [key, value] of Object.entries(own)) defineField(error, key, revivePart(value));
  },
};

/** What an error keeps where `Object.keys` does not see it. */
export function hiddenFieldsOf(error: Error): Fields {
  const present = HIDDEN_FIELDS.filter(
    (field) => Object.hasOwn(error, field) && !Object.prototype.propertyIsEnumerable.call(error, field),
  );
  return Object.fromEntries(present.map((field) => [field, (error as unknown as Fields)[field]]));
}

export function fillHiddenFields(error: object, hidden: Fields, revivePart: RevivePart): void {
  for (const [key, value] of Object.entries(hidden)) defineField(error, key, revivePart(value), { enumerable: false });
}

function encodeFields(fields: Fields, encodePart: EncodePart): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, encodePart(value, `.${key}`)]));
}

function createError(name: keyof typeof BUILT_IN_ERRORS): Error {
  const error = name === 'AggregateError' ? new AggregateError([]) : new BUILT_IN_ERRORS[name]();
  for (const field of HIDDEN_FIELDS) Reflect.deleteProperty(error, field);
  return error;
}
