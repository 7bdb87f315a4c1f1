import type { Codec } from '../core/codec/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { CacheEntries } from './cache-entries.js';
import type { LoadTimes } from './cache-loads.js';
import { CacheReports } from './cache-reports.js';
import type { CacheEvents } from './cache.events.js';
import type { OnError } from './cache.options.js';
import type { OnUndelivered } from './deliveries.js';
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
  readonly onError: OnError;
  readonly onUndelivered: OnUndelivered;
  readonly minReplicas: number;
  readonly times: LoadTimes & { readonly indexTtlMs: number };
}

/** Where the entries of one namespace are kept, and how they are found there. */
export interface NamespaceStorage {
  readonly entries: CacheEntries;
  readonly leases: FillLeases;
  /** Fails at once while a server is away. */
  readonly invalidation: Invalidation;
  /** The same, for a server that nobody else may use yet. */
  readonly redelivery: Invalidation;
  readonly listing: KeyListing;
  /** Missing in a namespace without an index. */
  readonly rebuild: IndexRebuild | undefined;
}

export function storageInRedis(parts: NamespaceParts): NamespaceStorage {
  const { name, connection, codec, keys, events, times, hasIndex } = parts;
  const indexTtlMs = hasIndex ? times.indexTtlMs : 0;
  const entries = new CacheEntries(connection.guarded, codec, keys, indexTtlMs);
  const leases = new FillLeases({ ...parts, entries, reports: new CacheReports(events, name) });
  const scan = new NamespaceScan(connection, keys);
  const rebuilding = { namespace: name, indexTtlMs, format: codec.format };
  const rebuild = hasIndex ? new IndexRebuild({ connection, keys, scan, events }, rebuilding) : undefined;
  const walk = rebuild && new IndexWalk({ connection: connection.guarded, keys, entries, rebuild });
  const unguarded = new CacheEntries(connection, codec, keys, indexTtlMs);
  const unguardedWalk = rebuild && new IndexWalk({ connection, keys, entries: unguarded, rebuild });
  const invalidating = { namespace: name, keys, scan, events };
  return {
    entries,
    leases,
    invalidation: new Invalidation({ ...invalidating, connection: connection.guarded, entries, walk }),
    redelivery: new Invalidation({ ...invalidating, connection, entries: unguarded, walk: unguardedWalk }),
    listing: new KeyListing(connection, keys, { walk, scan }),
    rebuild,
  };
}
