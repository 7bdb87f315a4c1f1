import type { CacheService } from 'nestjs-redis-cache';
import { eventually } from './eventually.js';

/** Waits until copies in memory may answer. */
export async function untilCoherent(cache: CacheService): Promise<void> {
  await eventually(() => expect(cache.l1?.coherentSince).toBeInstanceOf(Date));
}

/**
 * Writes an entry, and waits until this process was told that it changed: what is told of a write takes a copy away that was
 * left before it is heard.
 */
export async function untilTold<T>(cache: CacheService, write: () => Promise<T>): Promise<T> {
  const { invalidations } = cache.l1!;
  const written = await write();
  await eventually(() => expect(cache.l1!.invalidations).toBeGreaterThan(invalidations));
  return written;
}

/** Reads until there is a copy that answers. */
export async function untilCopied(cache: CacheService, key: string): Promise<void> {
  await eventually(async () => {
    await cache.get(key);
    expect((await cache.explain(key)).tier).toBe('l1');
  });
}
