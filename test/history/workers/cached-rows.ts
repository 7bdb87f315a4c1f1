import { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';
import type { Row } from './shared-database.js';

export type EvictionKind = 'key' | 'keys' | 'prefix' | 'wildcard' | 'tags' | 'common tag' | 'clear';

/** To choose from: those that evict many rows at once are rare, or nothing would be cached. */
export const EVICTIONS = [
  ...(['key', 'key', 'key', 'keys', 'keys', 'prefix', 'prefix', 'wildcard', 'wildcard'] as const),
  ...(['tags', 'tags', 'tags', 'common tag', 'clear'] as const),
] satisfies EvictionKind[];

/** What an eviction after a write of a row has to cover. */
export interface Eviction {
  readonly id: string;
  /** The tag the row had and the one it has. */
  readonly tags: readonly string[];
}

export interface PutOptions {
  readonly tag: string;
  readonly ttlMs: number;
}

/** A cache in front of the shared database. */
export interface CachedRows {
  read(id: string, load: () => Promise<Row>, ttlMs: number): Promise<Row>;
  /** Resolves when the eviction is acknowledged. */
  evict(kind: EvictionKind, eviction: Eviction): Promise<void>;
  /** Writes the row and puts what was written into the cache. */
  put(id: string, write: () => Promise<Row>, options: PutOptions): Promise<void>;
  close(): void;
}

const COMMON_TAG = 'all';
const keyOf = (id: string): string => `row:${id}`;

/** The library, used as its documentation says. */
export class LibraryRows implements CachedRows {
  constructor(private readonly cache: CacheService) {}

  read(id: string, load: () => Promise<Row>, ttlMs: number): Promise<Row> {
    return this.cache.getOrSet(keyOf(id), load, { ttl: ttlMs, tags: [COMMON_TAG], tagsFrom: ({ tag }) => [tag] });
  }

  async evict(kind: EvictionKind, { id, tags }: Eviction): Promise<void> {
    switch (kind) {
      case 'key':
        return void (await this.cache.delete(keyOf(id)));
      case 'keys':
        return void (await this.cache.invalidate({ keys: [keyOf(id), 'row:none'] }));
      case 'prefix':
        return void (await this.cache.invalidate(`${keyOf(id)}*`));
      case 'wildcard':
        return void (await this.cache.invalidate(`ro?:*${id}`));
      case 'tags':
        return void (await this.cache.invalidate({ tags }));
      case 'common tag':
        return void (await this.cache.invalidate({ tags: [COMMON_TAG] }));
      case 'clear':
        return void (await this.cache.clear());
    }
  }

  async put(id: string, write: () => Promise<Row>, { tag, ttlMs }: PutOptions): Promise<void> {
    await this.cache.writeThrough(keyOf(id), write, { ttl: ttlMs, tags: [COMMON_TAG, tag] });
  }

  close(): void {
    // the application closes it
  }
}

/** What people write by hand: GET, load, SET; after a write UNLINK or SET. Nothing keeps an old load from being stored. */
export class UnfencedRows implements CachedRows {
  private readonly redis: Redis;

  constructor(
    url: string,
    private readonly prefix: string,
  ) {
    this.redis = new Redis(url);
  }

  async read(id: string, load: () => Promise<Row>, ttlMs: number): Promise<Row> {
    const stored = await this.redis.get(this.entryOf(id));
    if (stored !== null) return JSON.parse(stored) as Row;
    const row = await load();
    await this.redis.set(this.entryOf(id), JSON.stringify(row), 'PX', ttlMs);
    return row;
  }

  async evict(_: EvictionKind, { id }: Eviction): Promise<void> {
    await this.redis.unlink(this.entryOf(id));
  }

  async put(id: string, write: () => Promise<Row>, { ttlMs }: PutOptions): Promise<void> {
    await this.redis.set(this.entryOf(id), JSON.stringify(await write()), 'PX', ttlMs);
  }

  close(): void {
    this.redis.disconnect();
  }

  private entryOf(id: string): string {
    return `${this.prefix}:${keyOf(id)}`;
  }
}
