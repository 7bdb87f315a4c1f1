import { CacheCallbackError } from './cacheable.errors.js';
import type { MethodCall } from './method-plan.js';

/**
 * Calls a function among the options, with the instance as `this`.
 * @param option such as `ProductsRepository.find @Cacheable.key`
 * @throws CacheCallbackError whose `cause` is what the function threw
 */
export function callBack(
  option: string,
  callback: (...args: never[]) => unknown,
  { call, given }: { readonly call: MethodCall; readonly given: readonly unknown[] },
): unknown {
  try {
    return Reflect.apply(callback, call.instance, given);
  } catch (cause) {
    throw new CacheCallbackError(option, cause);
  }
}
