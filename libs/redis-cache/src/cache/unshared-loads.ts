import type { LoadRequest } from './cache-loads.js';
import type { CacheSpace } from './cache-space.js';

/** Loads that are the caller's alone: neither shared nor stored. */
export class UnsharedLoads implements Pick<CacheSpace, 'load' | 'refresh' | 'reload'> {
  async load(_key: string, { load }: LoadRequest): Promise<unknown> {
    return load();
  }

  async reload(_key: string, { load }: LoadRequest): Promise<unknown> {
    return load();
  }

  async refresh(): Promise<false> {
    return false;
  }
}
