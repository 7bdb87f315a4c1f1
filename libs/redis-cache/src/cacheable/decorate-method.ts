import { Logger } from '@nestjs/common';
import { type DecoratedMethod } from './method-plan.js';
import { noteDecorated } from './decorated-methods.js';
import { accessOf, injectAccess } from './wire-cache.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Puts what a decorator does around its method, in which everything else about the method stays as it is. */
export function decorateMethod(decorated: DecoratedMethod, descriptor: PropertyDescriptor | undefined): void {
  const method = methodIn(decorated, descriptor);
  const { owner } = decorated.site;
  injectAccess(owner);
  noteDecorated(owner, decorated);
  descriptor!.value = disguise(wrap(method, decorated), method);
}

function wrap(method: Method, decorated: DecoratedMethod): Method {
  let isWarned = false;
  const warnOnce = (): void => {
    if (!isWarned) new Logger('RedisCache').warn(notWired(decorated));
    isWarned = true;
  };
  return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const access = accessOf(this);
    if (access === undefined) {
      warnOnce();
      return method.apply(this, args);
    }
    const instance = this as object;
    const plan = decorated.planFor({ access, prototype: Object.getPrototypeOf(instance) as object });
    return plan.run({ instance, args, proceed: async () => method.apply(instance, args) });
  };
}

/** `name`, `length`, other properties and all metadata: guards, routes and documentation hang on them. */
export function disguise<M extends Method>(wrapper: M, method: Method): M {
  for (const key of Reflect.ownKeys(method)) {
    if (key !== 'prototype') Object.defineProperty(wrapper, key, Object.getOwnPropertyDescriptor(method, key)!);
  }
  for (const key of Reflect.getOwnMetadataKeys(method)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, method), wrapper);
  }
  return wrapper;
}

function methodIn({ site }: DecoratedMethod, descriptor: PropertyDescriptor | undefined): Method {
  if (typeof site.owner === 'function')
    return site.refuse('cannot stand on a static method: there is no instance that Nest could give a cache to.');
  if (typeof descriptor?.value !== 'function')
    return site.refuse('stands on methods only, not on properties and accessors.');
  return descriptor.value as Method;
}

function notWired({ site }: DecoratedMethod): string {
  return (
    `${site.method} runs without ${site.decorator}, because Nest has not made the instance it was called on. ` +
    'Let Nest make it, or write wireCache(instance, cache) in its useFactory.'
  );
}
