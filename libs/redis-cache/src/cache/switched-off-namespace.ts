import type { CacheEntries } from './cache-entries.js';
import type { CacheHealth } from './cache-health.js';
import { CacheNamespace } from './cache-namespace.js';
import { CacheReports } from './cache-reports.js';
import { FillLeases } from './fill-leases.js';
import { coverageOf, type InvalidationPlan, type InvalidationResult } from './invalidation-plan.js';
import type { Invalidation } from './invalidation.js';
import type { KeyListing } from './key-listing.js';
import type { NamespaceParts, NamespaceStorage } from './namespace-storage.js';
import { NoEntries } from './no-entries.js';

const NOTHING_TO_REMOVE: InvalidationResult = { removed: 0, delivered: true };
const OFF: CacheHealth = { status: 'off', journal: { pending: 0, coversAll: false }, breaker: 'closed' };

/** A namespace of a cache that is switched off. It checks what it is asked, shares loads, and needs no Redis. */
export class SwitchedOffNamespace extends CacheNamespace {
  constructor(parts: Omit<NamespaceParts, 'local'>) {
    super(parts, storageOfNothing(parts));
  }

  override async open(): Promise<void> {}

  override get health(): CacheHealth {
    return OFF;
  }

  override async carryOut(plan: InvalidationPlan | 'all'): Promise<InvalidationResult> {
    this.detach(coverageOf(plan));
    return NOTHING_TO_REMOVE;
  }
}

function storageOfNothing(parts: NamespaceParts): NamespaceStorage {
  // Private fields make classes nominal: what is left out here only the real invalidation uses.
  const entries = new NoEntries(parts.codec) as unknown as CacheEntries;
  const removeNothing = async (): Promise<InvalidationResult> => NOTHING_TO_REMOVE;
  const invalidation = { run: removeNothing, clear: removeNothing } as unknown as Invalidation;
  const listing: Pick<KeyListing, keyof KeyListing> = { async *list() {} };
  return {
    entries,
    leases: new FillLeases({ ...parts, entries, reports: new CacheReports(parts.events, parts.name) }),
    invalidation,
    redelivery: invalidation,
    listing: listing as KeyListing,
    rebuild: undefined,
  };
}
