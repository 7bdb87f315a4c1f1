import { describeGiven, InvalidOptionError, refuse, requireObject } from '../core/common/index.js';
import { escapeGlob } from '../core/keys/index.js';
import { ArgumentText } from './argument-text.js';
import { MissingContextError } from './cacheable.errors.js';
import { callBack } from './callbacks.js';
import type { MethodCall } from './method-plan.js';
import type { MethodSite } from './method-site.js';

/**
 * Stands between a key and its variant. No variant holds it (they are written like JSON), and keys that hold it are
 * refused: so what belongs to one variant is never taken for another's.
 */
export const MARK = '\u0001';

type Callback = (...args: never[]) => unknown;

/** What results vary by beside the arguments: the tenant, the locale, the user. */
export class Variants {
  /** @param sources `varyBy` as it was written, of the classes and of the method, the outermost first */
  constructor(
    private readonly site: MethodSite,
    private readonly sources: readonly unknown[],
  ) {}

  get areMany(): boolean {
    return this.sources.length > 0;
  }

  /** The key of the variant that a call is about. @throws MissingContextError when something it varies by is undefined */
  keyFor(key: string, call: MethodCall): string {
    if (!this.areMany) return key;
    const values = Object.assign(
      {},
      ...this.sources.map((source, at) => this.valuesOf(source, { at, call })),
    ) as Record<string, unknown>;
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) throw new MissingContextError(this.site.method, name);
      if (typeof value === 'object' && value !== null) return this.refuse(value);
    }
    const refuseValue = (): never => this.refuse(values);
    return `${key}${MARK}${ArgumentText.of(values, { partsOf: () => undefined, refuse: refuseValue })}`;
  }

  private valuesOf(source: unknown, { at, call }: { at: number; call: MethodCall }): Record<string, unknown> {
    const option = this.site.option('varyBy');
    const ask = (callback: unknown): unknown => callBack(option, callback as Callback, { call, given: call.args });
    if (typeof source !== 'function')
      return Object.fromEntries(Object.entries(source as object).map(([name, value]) => [name, ask(value)]));
    const values = ask(source);
    return typeof values === 'string' || values === undefined
      ? { [`varyBy ${at + 1}`]: values }
      : requireObject(option, values);
  }

  private refuse(value: unknown): never {
    return refuse(this.site.option('varyBy'), 'texts, numbers, booleans, bigints or null', value);
  }
}

/** The pattern of all variants of a key, or of what a pattern matches. */
export const variantsOf = {
  key: (key: string): string => `${escapeGlob(key)}${MARK}*`,
  pattern: (pattern: string): string => `${pattern}${MARK}*`,
};

/** Checks `varyBy` as it was written. @throws InvalidOptionError */
export function requireVaryBy(option: string, given: unknown): void {
  if (typeof given === 'function') return;
  const values = Object.values(requireObject(option, given));
  const wrong = values.find((value) => typeof value !== 'function');
  if (wrong !== undefined || values.length === 0)
    throw new InvalidOptionError(
      option,
      `expected a function, or an object of functions such as { tenant: () => … }, got ${describeGiven(option, wrong ?? given)}.`,
    );
}
