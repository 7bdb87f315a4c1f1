import type { CacheService } from 'nestjs-redis-cache';
import { eventually } from './eventually.js';

/** Waits until copies in memory may answer. */
export async function untilCoherent(cache: CacheService): Promise<void> {
  await eventually(() => expect(cache.l1?.coherentSince).toBeInstanceOf(Date));
}

/** Reads until there is a copy that answers. */
export async function untilCopied(cache: CacheService, key: string): Promise<void> {
  await eventually(async () => {
    await cache.get(key);
    expect((await cache.explain(key)).tier).toBe('l1');
  });
}
