import type { OnModuleInit } from '@nestjs/common';
import type { CacheService } from './cache.service.js';

/**
 * Opens at boot the namespaces that came out of a factory and so have no providers of their own. The service adds them
 * when it is made: where it is overridden nobody does, and no socket is opened.
 */
export class CachesOfOptions implements OnModuleInit {
  private readonly caches: CacheService[] = [];

  add(cache: CacheService): void {
    this.caches.push(cache);
  }

  async onModuleInit(): Promise<void> {
    await Promise.all(this.caches.map((cache) => cache.onModuleInit()));
  }
}
