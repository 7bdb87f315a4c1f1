import { UnsupportedValueError } from '../core/codec/index.js';
import { refuse, toMs, toTtlMs, type Ttl } from '../core/common/index.js';
import type { StoreOptions } from './cache-entries.js';
import type { LoadRequest } from './cache-loads.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheLoadOptions, CacheReadOptions, CacheResultOptions, CacheSetOptions } from './cache.options.js';
import { RememberedErrors, requireErrorClasses } from './remembered-errors.js';
import { requireTags } from './tags.js';

/** Anything but `undefined`, which means "not there" and is never stored. `null` is a value. */
export type CacheValue = NonNullable<unknown> | null;

const NO_TAGS: readonly string[] = [];

/** What the options of a call mean in a namespace. Wrong ones are refused before anything is read or written. */
export class CacheRequests {
  constructor(private readonly space: CacheNamespace) {}

  store({ ttl, tags }: CacheSetOptions): StoreOptions {
    return { ttlMs: this.ttlMsOf(ttl), tags: this.tagsOf(tags) };
  }

  /** Where a read is answered from. A call can leave out the copies in memory, and not ask for them. */
  sourceOf({ l1 }: CacheReadOptions): 'nearest' | 'redis' {
    if (l1 === undefined) return 'nearest';
    return l1 === false ? 'redis' : refuse('l1', 'false: a call can only switch it off, the namespace has it on', l1);
  }

  loadRequestOf<T>(load: () => Promise<T> | T, options: CacheLoadOptions<T>): LoadRequest {
    const { ttl, tagsFrom, unless } = options;
    const tags = this.tagsOf(options.tags);
    if (tagsFrom !== undefined) this.space.assertKeeps('tagsFrom');
    const ttlMsFor = this.ttlRuleOf(ttl);
    const storedAs = (value: T): StoreOptions | undefined => {
      if (unless?.(value) === true) return undefined;
      return {
        ttlMs: ttlMsFor(value),
        tags: tagsFrom === undefined ? tags : requireTags('tagsFrom', [...tags, ...tagsFrom(value)]),
      };
    };
    const errors = this.errorsOf(options);
    const from = this.sourceOf(options);
    const request = { load, tags, storedAs: storedAs as LoadRequest['storedAs'], from };
    return errors === undefined ? request : { ...request, errors };
  }

  ttlMsOf(ttl: Ttl | undefined): number {
    return ttl === undefined ? this.space.ttlMs : toTtlMs('ttl', ttl);
  }

  private errorsOf({ cacheErrors = [], errorTtl }: Omit<CacheLoadOptions<never>, 'ttl'>): RememberedErrors | undefined {
    if (cacheErrors.length === 0)
      return errorTtl === undefined
        ? undefined
        : refuse('cacheErrors', 'classes of errors beside errorTtl', cacheErrors);
    this.space.assertKeeps('cacheErrors');
    requireErrorClasses('cacheErrors', cacheErrors);
    return new RememberedErrors(cacheErrors, toMs('errorTtl', errorTtl ?? '10s'));
  }

  private ttlRuleOf<T>(ttl: CacheResultOptions<T>['ttl']): (value: T) => number {
    if (typeof ttl === 'function') return (value) => toTtlMs('ttl', ttl(value));
    const ttlMs = this.ttlMsOf(ttl);
    return () => ttlMs;
  }

  private tagsOf(tags: readonly string[] | undefined): readonly string[] {
    if (tags === undefined) return NO_TAGS;
    if (tags.length > 0) this.space.assertKeeps('tags');
    return requireTags('tags', tags);
  }
}

/** @throws UnsupportedValueError: `undefined` means that there is nothing, and cannot be stored */
export function defined<T>(value: T): T {
  if ((value as unknown) === undefined)
    throw new UnsupportedValueError('$', 'is undefined. Store null, or delete the key.');
  return value;
}
