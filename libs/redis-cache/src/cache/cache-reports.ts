import type { EncodedValue, StoredValue } from '../core/codec/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import type { CacheEvents } from './cache.events.js';
import { type InvalidationPlan, targetOf } from './invalidation-plan.js';

/** Tells, for one namespace, what went otherwise than a caller sees. */
export class CacheReports {
  constructor(
    private readonly events: EventBus<CacheEvents>,
    private readonly namespace: string,
  ) {}

  hit(key: string, tier: 'l1' | 'redis', ageMs: () => number | undefined): void {
    if (!this.events.isHeard('cache:hit')) return;
    const age = ageMs();
    const hit = { namespace: this.namespace, key, tier };
    this.events.publish('cache:hit', age === undefined ? hit : { ...hit, ageMs: age });
  }

  servedStale(key: string, ageMs: number | undefined): void {
    const stale = { namespace: this.namespace, key };
    this.events.publish('cache:served-stale', ageMs === undefined ? stale : { ...stale, ageMs });
  }

  miss(key: string): void {
    if (this.events.isHeard('cache:miss')) this.events.publish('cache:miss', { namespace: this.namespace, key });
  }

  failed(operation: CacheEvents['cache:failed']['operation'], key: string, error: unknown): void {
    this.events.publish('cache:failed', { namespace: this.namespace, key, operation, error });
  }

  undelivered(plan: InvalidationPlan | 'all', error: unknown): void {
    const target = plan === 'all' ? plan : targetOf(plan);
    this.events.publish('cache:eviction-failed', { namespace: this.namespace, target, error });
  }

  journal(journal: Omit<CacheEvents['cache:journal'], 'namespace'>): void {
    this.events.publish('cache:journal', { namespace: this.namespace, ...journal });
  }

  /** What `decode` gives; `undefined`, told, when what lay in Redis cannot be read. */
  decoded(key: string, decode: () => StoredValue): StoredValue | undefined {
    try {
      return decode();
    } catch (error) {
      if (!isRedisCacheError(error, 'UNDECODABLE')) throw error;
      this.events.publish('cache:undecodable', { namespace: this.namespace, key, error });
      return undefined;
    }
  }

  /** What `encode` gives; `undefined`, told, when it is of a kind that cannot be stored. */
  encoded(key: string, encode: () => EncodedValue): EncodedValue | undefined {
    try {
      return encode();
    } catch (error) {
      this.events.publish('cache:unsupported', { namespace: this.namespace, key, error });
      return undefined;
    }
  }
}
