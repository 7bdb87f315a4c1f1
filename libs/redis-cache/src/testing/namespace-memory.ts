import {
  type CacheEntries,
  type CacheEvents,
  type CacheKeyInfo,
  CacheReports,
  FillLeases,
  type Invalidation,
  type InvalidationPlan,
  type InvalidationResult,
  type KeyListing,
  type NamespaceStorage,
} from '../cache/index.js';
import type { EventBus } from '../core/events/index.js';
import type { Pattern } from '../core/keys/index.js';
import { EvictionLog } from './eviction-log.js';
import type { FakeClock } from './fake-clock.js';
import { LoadGuards } from './load-guards.js';
import { MemoryEntries } from './memory-entries.js';

type Parts = Omit<ConstructorParameters<typeof FillLeases>[0], 'entries' | 'reports'> &
  Omit<ConstructorParameters<typeof MemoryEntries>[0], 'guards' | 'log' | 'wake'> & {
    readonly name: string;
    readonly wake: (lease: string) => void;
    readonly events: EventBus<CacheEvents>;
  };

/** One namespace in memory: in place of what Redis keeps and of the scripts that find it there. */
export class NamespaceMemory {
  readonly evictions = new EvictionLog();
  readonly entries: MemoryEntries;
  readonly clock: FakeClock;
  private readonly guards = new LoadGuards();

  constructor(private readonly parts: Parts) {
    const wake = (key: string): void => parts.wake(parts.keys.of(key).lease);
    this.entries = new MemoryEntries({ ...parts, guards: this.guards, log: this.evictions, wake });
    this.clock = parts.clock;
  }

  get storage(): NamespaceStorage {
    const { name, events } = this.parts;
    // Private fields make classes nominal: what is left out here only the real invalidation uses.
    const entries = this.entries as unknown as CacheEntries;
    const invalidation: Pick<Invalidation, keyof Invalidation> = {
      run: async (plan) => this.run(plan),
      clear: async () => this.clear(),
    };
    const listing: Pick<KeyListing, keyof KeyListing> = { list: (pattern) => this.list(pattern) };
    return {
      entries,
      leases: new FillLeases({ ...this.parts, entries, reports: new CacheReports(events, name) }),
      invalidation: invalidation as Invalidation,
      redelivery: invalidation as Invalidation,
      listing: listing as KeyListing,
      rebuild: undefined,
    };
  }

  private run(plan: InvalidationPlan): InvalidationResult {
    const { keys, patterns, tags, settleMs } = plan;
    const { events, name: namespace } = this.parts;
    for (const { literalPrefix, isLiteral, source } of patterns) {
      if (literalPrefix === '' && !isLiteral) events.publish('cache:costly-pattern', { namespace, pattern: source });
    }
    this.guards.invalidate(tags);
    if (settleMs > 0) this.guards.settle(plan, this.clock.now() + settleMs);
    const [ofKeys, ofTags] = [new Set(keys), new Set(tags)];
    const removed = this.entries.removeWhere(
      (key, its) =>
        ofKeys.has(key) || patterns.some((pattern) => pattern.matches(key)) || its.some((tag) => ofTags.has(tag)),
    );
    this.evictions.noteEvicted(plan, removed);
    return { removed: removed.length, delivered: true };
  }

  private clear(): InvalidationResult {
    const removed = this.entries.removeWhere(() => true);
    this.evictions.noteEvicted('all', removed);
    return { removed: removed.length, delivered: true };
  }

  private async *list(pattern: Pattern): AsyncGenerator<CacheKeyInfo> {
    for (const key of this.entries.keys.filter((each) => pattern.matches(each))) {
      const there = this.entries.present(key);
      if (there === undefined) continue;
      const ttl = there.endsAtMs === Infinity ? 'forever' : there.endsAtMs - this.clock.now();
      yield { key, ttl, bytes: there.bytes.length };
    }
  }
}
