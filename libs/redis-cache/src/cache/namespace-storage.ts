import type { Codec } from '../core/codec/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { CacheEntries } from './cache-entries.js';
import type { LoadTimes } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import type { CacheEvents } from './cache.events.js';
import { FillLeases } from './fill-leases.js';
import { IndexRebuild } from './index-rebuild.js';
import { IndexWalk } from './index-walk.js';
import { Invalidation } from './invalidation.js';
import { KeyListing } from './key-listing.js';
import type { LocalCopies } from './local-copies.js';
import type { NamespaceKeys } from './namespace-keys.js';
import { NamespaceScan } from './namespace-scan.js';
import type { WakeUps } from './wake-ups.js';

export interface NamespaceParts {
  readonly name: string;
  readonly ttlMs: number;
  readonly hasIndex: boolean;
  readonly connection: RedisConnection;
  readonly codec: Codec;
  readonly keys: NamespaceKeys;
  readonly wakeUps: WakeUps;
  /** Missing where `l1` is off. */
  readonly local?: LocalCopies | undefined;
  readonly events: EventBus<CacheEvents>;
  readonly times: LoadTimes & { readonly indexTtlMs: number };
}

/** Where the entries of one namespace are kept, and how they are found there. */
export interface NamespaceStorage {
  readonly entries: CacheEntries;
  readonly leases: FillLeases;
  readonly invalidation: Invalidation;
  readonly listing: KeyListing;
  /** Missing in a namespace without an index. */
  readonly rebuild: IndexRebuild | undefined;
}

export function storageInRedis(parts: NamespaceParts): NamespaceStorage {
  const { name, connection, codec, keys, events, times, hasIndex } = parts;
  const indexTtlMs = hasIndex ? times.indexTtlMs : 0;
  const entries = new CacheEntries(connection, codec, keys, indexTtlMs);
  const leases = new FillLeases({ ...parts, entries, reports: new CacheReports(events, name) });
  const scan = new NamespaceScan(connection, keys);
  const rebuilding = { namespace: name, indexTtlMs, format: codec.format };
  const rebuild = hasIndex ? new IndexRebuild({ connection, keys, scan, events }, rebuilding) : undefined;
  const walk = rebuild && new IndexWalk({ connection, keys, entries, rebuild });
  return {
    entries,
    leases,
    invalidation: new Invalidation({ namespace: name, connection, keys, entries, walk, scan, events }),
    listing: new KeyListing(connection, keys, { walk, scan }),
    rebuild,
  };
}
