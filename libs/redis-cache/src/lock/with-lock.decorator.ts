import {
  type ArgsOf,
  type AsyncMethod,
  type Callback,
  disguise,
  type Fits,
  KeyTemplate,
  MethodSite,
  type Prototype,
  type ResultOf,
  type TemplateMisfit,
  type UnknownMisfit,
} from '../cacheable/index.js';
import {
  type Duration,
  isRedisCacheError,
  refuse,
  refuseUnknownKeys,
  requireObject,
  requireOneOf,
  toMs,
} from '../core/common/index.js';
import { runUnder } from './current-lock.js';
import type { Lock } from './lock.js';
import type { LockService } from './lock.service.js';
import { injectLocks, locksOf } from './wire-locks.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `unknown` would refuse every function that has a parameter */

/** Options of `@WithLock`. */
export interface WithLockOptions<Args extends any[] = any[]> {
  /**
   * The resource: a template (`'stock:{0}'`, `'{0.id}'`) or a function of the arguments, in which `this` is the instance. A
   * text without placeholders is one lock for all calls.
   */
  readonly key: string | Callback<Args, string>;
  /** @default lock.ttl */
  readonly ttl?: Duration;
  /** For how long a call waits for others. @default lock.wait; with `onBusy: 'skip'` not at all */
  readonly wait?: Duration;
  /** When others have it and the wait is over: `'throw'` a `LockTimeoutError`, or `'skip'` the call, which answers `undefined`. @default 'throw' */
  readonly onBusy?: 'throw' | 'skip';
  /** `'read'` shares the lock with other readers. @default 'write' */
  readonly mode?: 'write' | 'read';
}

/** A call that is skipped has no result. */
type SkipMisfit<Options, Result> = Options extends { readonly onBusy: 'skip' }
  ? undefined extends Result
    ? never
    : "onBusy 'skip' answers undefined, which the method's result does not allow"
  : never;

interface LockRules {
  readonly site: MethodSite;
  readonly resourceOf: (instance: unknown, args: readonly unknown[]) => string;
  readonly onBusy: 'throw' | 'skip';
  readonly options: Pick<WithLockOptions, 'ttl' | 'wait' | 'mode'> & { readonly purpose: string };
}

const GENERATORS = ['[object GeneratorFunction]', '[object AsyncGeneratorFunction]'];
const KNOWN = ['key', 'ttl', 'wait', 'onBusy', 'mode'];

/**
 * Runs a method under a lock, in one process at a time. {@link currentLock} gives the lock inside: its signal, its fencing
 * token. The lock is renewed while the method runs, and given back when it has ended.
 *
 * @example
 * @Cron('0 3 * * *')
 * @WithLock({ key: 'nightly-report', onBusy: 'skip' })
 * async report(): Promise<void> { … }
 * @throws LockTimeoutError, LockUnavailableError, from the method; InvalidOptionError when the class is defined or at boot
 */
export function WithLock<
  const Options extends WithLockOptions<ArgsOf<Method>>,
  Method extends AsyncMethod = AsyncMethod,
>(
  options: Options,
): (
  prototype: Prototype,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> &
    Fits<
      | TemplateMisfit<Options, ArgsOf<Method>>
      | SkipMisfit<Options, ResultOf<Method>>
      | UnknownMisfit<Options, keyof WithLockOptions>
    >,
) => void {
  return (owner, name, descriptor) => {
    const site = new MethodSite('@WithLock', owner, name);
    if (typeof owner === 'function')
      return site.refuse('cannot stand on a static method: there is no instance that Nest could give locks to.');
    const method: unknown = (descriptor as PropertyDescriptor | undefined)?.value;
    if (typeof method !== 'function') return site.refuse('stands on methods only, not on properties and accessors.');
    if (GENERATORS.includes(Object.prototype.toString.call(method)))
      return site.refuse('cannot stand on a generator: the lock would be given back before its first value.');
    const rules = rulesOf(site, options);
    injectLocks(owner, (locks) => locks.requireCall(`${site.method} @WithLock`, rules.options));
    (descriptor as PropertyDescriptor).value = disguise(wrap(rules, method as AsyncMethod), method as AsyncMethod);
  };
}

function wrap(rules: LockRules, method: AsyncMethod): AsyncMethod {
  return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const locks = locksOf(this) ?? rules.site.refuse(NOT_WIRED);
    const lock = await take(locks, rules.resourceOf(this, args), rules);
    if (lock === undefined) return undefined;
    return runUnder(lock, () => method.apply(this, args) as Promise<unknown>);
  };
}

const NOT_WIRED =
  'has no locks here, because Nest has not made the instance. Let Nest make it, or write wireLocks(instance, locks).';

async function take(locks: LockService, resource: string, { options, onBusy }: LockRules): Promise<Lock | undefined> {
  try {
    return await locks.acquire(resource, options);
  } catch (error) {
    if (onBusy === 'skip' && isRedisCacheError(error, 'LOCK_TIMEOUT')) return undefined;
    throw error;
  }
}

function rulesOf(site: MethodSite, options: unknown): LockRules {
  const path = `${site.method} @WithLock`;
  const given = requireObject(path, options);
  refuseUnknownKeys(path, given, { known: KNOWN });
  const { key, ttl, wait, mode, onBusy = 'throw' } = given;
  const skips = requireOneOf(site.option('onBusy'), onBusy, ['throw', 'skip']);
  if (wait !== undefined) toMs(site.option('wait'), wait, { min: 0 });
  const waitOrDefault = wait ?? (skips === 'skip' ? 0 : undefined);
  return {
    site,
    resourceOf: resourceRule(site, key),
    onBusy: skips,
    options: {
      purpose: site.method,
      ...(ttl === undefined ? {} : { ttl: ttl as Duration }),
      ...(waitOrDefault === undefined ? {} : { wait: waitOrDefault as Duration }),
      ...(mode === undefined ? {} : { mode: requireOneOf(site.option('mode'), mode, ['write', 'read']) }),
    },
  };
}

function resourceRule(site: MethodSite, key: unknown): LockRules['resourceOf'] {
  if (typeof key === 'function')
    return (instance, args) => Reflect.apply(key as (...args: unknown[]) => string, instance, args);
  if (typeof key !== 'string' || key === '')
    return refuse(site.option('key'), 'a text that is not empty, or a function that returns it', key);
  const template = KeyTemplate.parse(site.option('key'), key);
  return (_, args) => template.fill(site.method, args);
}
