import type { StoredValue } from '../core/codec/index.js';
import type { Absence } from './cache-loads.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheSpace, EvictionCollector } from './cache-space.js';
import type { StoreOptions } from './cache-entries.js';
import type { InvalidationOptions, InvalidationResult, InvalidationTarget } from './invalidation-plan.js';
import { UnsharedLoads } from './unshared-loads.js';
import type { WriteRequest } from './write-through.js';

const DEFERRED: InvalidationResult = { removed: 0, delivered: false, deferred: true };

/** A namespace inside a unit of work. What is loaded there may be rolled back: it is the caller's alone. */
export class SpaceInUnit extends UnsharedLoads implements CacheSpace {
  /** @param around the namespace as it is seen outside of the unit */
  constructor(
    private readonly unit: EvictionCollector,
    private readonly namespace: CacheNamespace,
    private readonly around: CacheSpace,
  ) {
    super(namespace);
  }

  async read(key: string, from?: 'nearest' | 'redis'): Promise<StoredValue | Absence> {
    if (this.unit.covers(this.namespace, key)) return 'missed';
    const found = await this.around.read(key, from);
    return typeof found === 'object' && this.unit.covers(this.namespace, key, found) ? 'missed' : found;
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return typeof (await this.read(key)) === 'string' ? undefined : this.around.remaining(key);
  }

  async pull(key: string): Promise<StoredValue | undefined> {
    return this.unit.covers(this.namespace, key) ? undefined : this.around.pull(key);
  }

  async set(
    key: string,
    value: unknown,
    { when }: StoreOptions & { readonly when: 'always' | 'absent' },
  ): Promise<boolean> {
    this.namespace.assertStorable(value);
    await this.defer({ keys: [key] });
    return when === 'always';
  }

  async writeThrough(key: string, { write }: WriteRequest): Promise<unknown> {
    await this.defer({ keys: [key] });
    try {
      return await write();
    } finally {
      // Nobody may have awaited it, and the unit may have settled meanwhile.
      await this.defer({ keys: [key] });
    }
  }

  async markStale(key: string): Promise<boolean> {
    await this.defer({ keys: [key] });
    return false;
  }

  async evict(key: string, options: InvalidationOptions): Promise<boolean> {
    await this.defer({ keys: [key] }, options);
    return false;
  }

  async invalidate(target: InvalidationTarget, options: InvalidationOptions): Promise<InvalidationResult> {
    await this.defer(target, options);
    return DEFERRED;
  }

  async clear(): Promise<InvalidationResult> {
    await this.unit.defer(this.namespace, 'all');
    return DEFERRED;
  }

  /** @throws InvalidOptionError, InvalidPatternError, InvalidKeyError now, and not when the unit settles */
  private async defer(target: InvalidationTarget, options: InvalidationOptions = {}): Promise<void> {
    await this.unit.defer(this.namespace, this.namespace.plan(target, options));
  }
}
