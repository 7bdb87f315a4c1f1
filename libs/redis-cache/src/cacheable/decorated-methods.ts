import { type DecoratedMethod } from './method-plan.js';

/** Metadata of a prototype: the decorators on its own methods. */
const DECORATED_METHODS = Symbol.for('nestjs-redis-cache:decorated-methods');

export function noteDecorated(owner: object, decorated: DecoratedMethod): void {
  Reflect.defineMetadata(DECORATED_METHODS, [...ownDecorated(owner), decorated], owner);
}

/** The decorators on the methods that instances with this prototype answer with; not of those they override. */
export function decoratedMethodsOf(prototype: object): readonly DecoratedMethod[] {
  const found: DecoratedMethod[] = [];
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null)
    found.push(...ownDecorated(at));
  return found.filter(({ site }) => site.isReachedFrom(prototype));
}

function ownDecorated(owner: object): readonly DecoratedMethod[] {
  return (Reflect.getOwnMetadata(DECORATED_METHODS, owner) ?? []) as readonly DecoratedMethod[];
}
