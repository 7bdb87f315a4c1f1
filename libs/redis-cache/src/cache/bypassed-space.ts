import type { CacheNamespace } from './cache-namespace.js';
import type { CacheSpace } from './cache-space.js';
import { UnsharedLoads } from './unshared-loads.js';

/** A namespace in which nothing is found and no load is shared or stored. Changes go through. */
export class BypassedSpace extends UnsharedLoads implements CacheSpace {
  readonly clear: CacheSpace['clear'];
  readonly evict: CacheSpace['evict'];
  readonly invalidate: CacheSpace['invalidate'];
  readonly markStale: CacheSpace['markStale'];
  readonly pull: CacheSpace['pull'];
  readonly set: CacheSpace['set'];
  readonly writeThrough: CacheSpace['writeThrough'];

  constructor(namespace: CacheNamespace, space: CacheSpace) {
    super(namespace);
    this.clear = () => space.clear();
    this.evict = (key, options) => space.evict(key, options);
    this.invalidate = (target, options) => space.invalidate(target, options);
    this.markStale = (key) => space.markStale(key);
    this.pull = (key) => space.pull(key);
    this.set = (key, value, options) => space.set(key, value, options);
    this.writeThrough = (key, request) => space.writeThrough(key, request);
  }

  async read(): Promise<'missed'> {
    return 'missed';
  }

  async remaining(): Promise<undefined> {
    return undefined;
  }
}
