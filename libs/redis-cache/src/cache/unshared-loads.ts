import type { LoadRequest } from './cache-loads.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheSpace } from './cache-space.js';

/** Loads that are the caller's alone: neither shared nor stored. */
export class UnsharedLoads implements Pick<CacheSpace, 'load' | 'refresh' | 'reload'> {
  constructor(private readonly codecOf: Pick<CacheNamespace, 'asStored'>) {}

  async load(_key: string, { load }: LoadRequest): Promise<unknown> {
    return this.codecOf.asStored(await load());
  }

  async reload(_key: string, { load }: LoadRequest): Promise<unknown> {
    return this.codecOf.asStored(await load());
  }

  async refresh(): Promise<false> {
    return false;
  }
}
