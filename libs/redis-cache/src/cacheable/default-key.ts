import { ArgumentText, type RegisteredParts } from './argument-text.js';
import { UnsupportedArgumentError } from './cacheable.errors.js';
import { classNameOf, type MethodSite } from './method-site.js';

/**
 * What the default keys of a method begin with: `ProductsRepository.find`, by the class of the instance, because a class
 * may be the base of several. A method that was overridden and is called by `super` also names its own class.
 */
export function headOfDefaultKeys(site: MethodSite, prototype: object): string {
  const name = classNameOf(prototype);
  if (name === '' || typeof site.name === 'symbol')
    return site.refuse('needs a key: a class without a name, or a method named by a symbol, has no default key.');
  if (site.isReachedFrom(prototype)) return `${name}.${site.name}`;
  return `${name}.${classNameOf(site.owner)}.${site.name}`;
}

/**
 * The default key of a call: `ProductsRepository.find:"42":true`. Arguments that are left out and arguments that are
 * `undefined` at the end are the same.
 * @throws UnsupportedArgumentError
 */
export function defaultKey(
  head: string,
  args: readonly unknown[],
  { method, partsOf }: { readonly method: string; readonly partsOf: RegisteredParts },
): string {
  const last = args.findLastIndex((argument) => argument !== undefined);
  const texts = args.slice(0, last + 1).map((argument, index) =>
    ArgumentText.of(argument, {
      partsOf,
      refuse: (problem) => {
        throw new UnsupportedArgumentError(
          method,
          index,
          `${problem} Write a key that is made of the rest: key: (…) => ….`,
        );
      },
    }),
  );
  return [head, ...texts].join(':');
}
