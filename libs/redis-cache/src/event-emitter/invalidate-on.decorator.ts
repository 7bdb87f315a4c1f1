import { OnEvent } from '@nestjs/event-emitter';
import type { InvalidationOptions, InvalidationTarget } from '../cache/index.js';
import { accessOf, type CacheAccess, injectAccess } from '../cacheable/index.js';
import { InvalidOptionError } from '../core/common/index.js';

/** What an event invalidates in one namespace. */
export interface InvalidationOnEvent extends InvalidationTarget, InvalidationOptions {
  /** @default `default` */
  readonly namespace?: string;
  /** The whole namespace; it stands alone. */
  readonly all?: true;
}

type EventName = Parameters<typeof OnEvent>[0];

/**
 * Invalidates when an event of `@nestjs/event-emitter` is emitted. It stands on a class that Nest makes once; several
 * may stand on one. With `emitAsync` the emitter waits until it is done; inside a unit of work it is deferred like every
 * eviction. What Redis does not carry out is told in the event `cache:eviction-failed`.
 *
 * @example
 * @InvalidateOn('product.updated', ({ id }: ProductUpdated) => [
 *   { namespace: 'products', keys: [id], tags: [`product:${id}`] },
 *   { namespace: 'reviews', patterns: [`product:${id}:*`] },
 * ])
 * @Injectable()
 * export class ProductEvents {}
 */
export function InvalidateOn<Event>(
  event: EventName,
  invalidates: (event: Event) => InvalidationOnEvent | readonly InvalidationOnEvent[],
): (target: abstract new (...args: never[]) => unknown) => void {
  return (target) => {
    const prototype = target.prototype as object;
    const name = `invalidate on ${String(event)} (${countOf(prototype)})`;
    const listener = async function (this: object, emitted: Event): Promise<void> {
      const access = accessOf(this);
      if (access === undefined) return;
      const wanted = invalidates(emitted);
      const all = Array.isArray(wanted) ? (wanted as readonly InvalidationOnEvent[]) : [wanted as InvalidationOnEvent];
      await Promise.all(all.map((each) => carryOut(each, { access, method: `${target.name} @InvalidateOn` })));
    };
    injectAccess(prototype);
    Object.defineProperty(prototype, name, { value: listener, configurable: true, writable: true });
    OnEvent(event)(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
  };
}

async function carryOut(
  { namespace, all, ...byName }: InvalidationOnEvent,
  { access, method }: { readonly access: CacheAccess; readonly method: string },
): Promise<void> {
  const cache = access.cacheOf(namespace);
  const { settle, scan, ...target } = byName;
  const options = { ...(settle === undefined ? {} : { settle }), ...(scan === undefined ? {} : { scan }) };
  if (all === true && Object.keys(byName).length > 0)
    throw new InvalidOptionError(`${method}: all`, 'evicts everything: it stands alone, beside namespace.');
  await (all === true ? cache.clear() : cache.invalidate(target, options));
}

/** How many there are already, on the classes above too: several may listen to the same event. */
function countOf(prototype: object): number {
  let count = 0;
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null)
    count += Object.getOwnPropertyNames(at).filter((name) => name.startsWith('invalidate on ')).length;
  return count;
}
