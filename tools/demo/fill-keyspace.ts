import type { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';

const BATCH = 500;
const BATCHES_AT_ONCE = 4;
const FOREIGN_BATCH = 5_000;

export interface Filled {
  readonly byLibrary: number;
  /** Keys of another prefix, written with SET, that the cache does not know. */
  readonly foreign: number;
}

/** Fills the keyspace through the library, and, when that takes too long, the rest of it with foreign keys. */
export async function fillKeyspace(
  cache: CacheService,
  redis: Redis,
  { keys, mostMs }: { readonly keys: number; readonly mostMs: number },
): Promise<Filled> {
  const deadline = performance.now() + mostMs;
  let byLibrary = 0;
  const fill = async () => {
    while (byLibrary < keys && performance.now() < deadline) {
      const from = byLibrary;
      const length = Math.min(BATCH, keys - from);
      byLibrary += length;
      await cache.setMany(
        Array.from({ length }, (_, at) => [`other:${from + at}`, from + at] as const),
        { ttl: '1h' },
      );
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, fill));

  for (let from = byLibrary; from < keys; from += FOREIGN_BATCH) {
    const pipeline = redis.pipeline();
    for (let at = from; at < Math.min(keys, from + FOREIGN_BATCH); at += 1) pipeline.set(`foreign:${at}`, at);
    await pipeline.exec();
  }
  return { byLibrary, foreign: keys - byLibrary };
}
