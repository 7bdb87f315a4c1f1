import type { StoredValue } from '../core/codec/index.js';
import { groupBy, sum } from '../core/common/index.js';
import type { GuardedConnection, Replicas, Servers } from '../core/connection/index.js';
import type { CacheHealth } from './cache-health.js';
import type { CacheReports } from './cache-reports.js';
import { UndeliveredEvictionError } from './cache.errors.js';
import { EvictionJournal } from './eviction-journal.js';
import type { Coverage } from './coverage.js';
import { coverageOf, type InvalidationPlan, type InvalidationResult } from './invalidation-plan.js';
import type { Invalidation } from './invalidation.js';
import { isLeftUndone } from './left-undone.js';
import type { NamespaceKeys } from './namespace-keys.js';
import { RecentEvictions } from './recent-evictions.js';

export type OnUndelivered = 'journal' | 'throw';

interface DeliveryParts {
  readonly name: string;
  readonly keys: NamespaceKeys;
  readonly connection: {
    readonly guarded: GuardedConnection;
    readonly servers: Servers;
    readonly replicas: Pick<Replicas, 'confirm'>;
  };
  /** Fails at once while a server is away. */
  readonly invalidation: Invalidation;
  /** Is sent also to a server that nobody else may use yet. */
  readonly redelivery: Invalidation;
  readonly reports: CacheReports;
  readonly onUndelivered: OnUndelivered;
  /** So many replicas have an eviction before it counts as delivered. */
  readonly minReplicas: number;
  /** Lets no later caller join what is being loaded, or read what is kept in this process. */
  readonly detach: (coverage: Coverage) => void;
}

const JOURNAL_LIMIT = 10_000;
const RECENT = { keptForMs: 30_000, limit: 10_000 };
const RETRY_MS = 1_000;

interface Undelivered {
  readonly undelivered: InvalidationPlan | 'all';
  readonly error: unknown;
}

/**
 * Sees that evictions reach Redis. One that did not is noted in the journal and repeated until it did; until then what
 * it covers is not read here. Other processes may read it: that is told in an event and seen in the health.
 */
export class Deliveries {
  private readonly journal = new EvictionJournal(JOURNAL_LIMIT);
  private readonly recent = new RecentEvictions(RECENT);
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly parts: DeliveryParts) {
    parts.connection.servers.beforeUse(({ server, isAnotherLife }) => this.restore(server, isAnotherLife));
  }

  get health(): CacheHealth {
    const { pending, coversAll } = this.journal;
    const breaker = this.parts.connection.servers.state;
    const status = breaker === 'closed' ? (pending === 0 ? 'up' : 'degraded') : 'down';
    return { status, journal: { pending, coversAll }, breaker };
  }

  /** Whether an eviction of a key, or of the value's tags, waits to be delivered. */
  awaits(key: string, stored?: Pick<StoredValue, 'envelope'>): boolean {
    return this.journal.covers(key, stored);
  }

  /** Whether it takes the value to know that. */
  get awaitTags(): boolean {
    return this.journal.hasTags;
  }

  /** Whether a value is older than the server that has it, and may have been evicted since it was written. */
  isOutdated(key: string, { envelope }: Pick<StoredValue, 'envelope'>): boolean {
    if (envelope === undefined) return false;
    const { entryHead } = this.parts.keys.bucketOf(key);
    return envelope.createdAtMs < (this.parts.connection.guarded.lifeOf(entryHead)?.startedAtMs ?? 0);
  }

  /** @throws UndeliveredEvictionError with `onUndelivered: 'throw'` */
  async carryOut(plan: InvalidationPlan | 'all'): Promise<InvalidationResult> {
    const coverage = coverageOf(plan);
    this.parts.detach(coverage);
    const outcomes = await Promise.all(this.piecesOf(plan).map((piece) => this.attempt(piece)));
    this.parts.detach(coverage);
    const removed = sum(outcomes.filter((outcome) => typeof outcome === 'number'));
    const [failed, ...others] = outcomes.filter((outcome) => typeof outcome === 'object');
    if (failed === undefined) return { removed, delivered: true };
    this.parts.reports.undelivered(joined([failed, ...others].map(({ undelivered }) => undelivered)), failed.error);
    if (this.parts.onUndelivered === 'throw')
      throw new UndeliveredEvictionError(this.parts.name, { cause: failed.error });
    return { removed, delivered: false };
  }

  /** Evicts a key of which it is not known what lies there now. Does not wait for it, and tells nobody. */
  evictLater(key: string): void {
    this.note(keysAlone([key]));
    this.retrySoon(0);
  }

  /** @returns how many evictions are lost */
  stop(): number {
    this.isStopped = true;
    clearTimeout(this.timer);
    return this.journal.pending;
  }

  private async attempt(plan: InvalidationPlan | 'all'): Promise<number | Undelivered> {
    try {
      const removed = await this.run(this.parts.invalidation, plan);
      this.recent.add(plan);
      return removed;
    } catch (error) {
      if (!isLeftUndone(error)) throw error;
      this.note(plan);
      this.retrySoon(RETRY_MS);
      return { undelivered: plan, error };
    }
  }

  /** Keys are delivered or not by the server that has them; patterns and tags by all together. */
  private piecesOf(plan: InvalidationPlan | 'all'): readonly (InvalidationPlan | 'all')[] {
    if (plan === 'all' || plan.keys.length <= 1) return [plan];
    const pieces = [...groupBy(plan.keys, (key) => this.serverOf(key)).values()].map((keys) => ({
      ...keysAlone(keys),
      settleMs: plan.settleMs,
    }));
    const { patterns, tags } = plan;
    return patterns.length + tags.length === 0 ? pieces : [{ ...plan, keys: [] }, ...pieces];
  }

  private serverOf(key: string): string {
    return this.parts.connection.guarded.serverOf(this.parts.keys.bucketOf(key).entryHead);
  }

  private async run(invalidation: Invalidation, plan: InvalidationPlan | 'all'): Promise<number> {
    const { removed } = await (plan === 'all' ? invalidation.clear() : invalidation.run(plan));
    if (this.parts.minReplicas > 0) await this.untilReplicated(plan);
    return removed;
  }

  private async untilReplicated(plan: InvalidationPlan | 'all'): Promise<void> {
    const { keys, connection, minReplicas } = this.parts;
    const isEverywhere = plan === 'all' || plan.patterns.length + plan.tags.length > 0;
    const buckets = isEverywhere ? keys.buckets : plan.keys.map((key) => keys.bucketOf(key));
    const byServer = groupBy(buckets, ({ mark }) => connection.guarded.serverOf(mark));
    await Promise.all([...byServer.values()].map(([first]) => connection.replicas.confirm(first!.mark, minReplicas)));
  }

  private note(plan: InvalidationPlan | 'all'): void {
    const wasEmpty = this.journal.pending === 0;
    this.journal.add(plan);
    this.parts.detach(coverageOf(plan));
    if (wasEmpty && this.journal.pending > 0) this.tell();
  }

  private tell(): void {
    const { pending, coversAll } = this.journal;
    this.parts.reports.journal({ pending, coversAll });
  }

  /** Before a server is used again: it hears what it has missed, and what it may have lost. */
  private async restore(server: string, isAnotherLife: boolean): Promise<void> {
    const isMine = (key: string): boolean => this.serverOf(key) === server;
    if (isAnotherLife)
      for (const plan of this.recent.all())
        this.note(plan === 'all' ? plan : { ...plan, keys: plan.keys.filter(isMine) });
    await this.redeliver(this.parts.redelivery, isMine);
  }

  private async redeliver(invalidation: Invalidation, isMine?: (key: string) => boolean): Promise<void> {
    if (this.journal.pending === 0) return;
    const { plans, moment } = this.journal.redelivery(isMine);
    const outcomes = await Promise.allSettled(plans.map((plan) => this.redeliverOne(invalidation, plan, moment)));
    if (this.journal.pending === 0) this.tell();
    else if (outcomes.length > 0) this.retrySoon(RETRY_MS);
  }

  private async redeliverOne(
    invalidation: Invalidation,
    plan: InvalidationPlan | 'all',
    moment: number,
  ): Promise<void> {
    await this.run(invalidation, plan);
    this.parts.detach(coverageOf(plan));
    this.recent.add(plan);
    this.journal.settle(plan, moment);
  }

  private retrySoon(ms: number): void {
    if (this.isStopped || (this.timer !== undefined && ms > 0)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.redeliver(this.parts.invalidation);
    }, ms).unref();
  }
}

function joined(plans: readonly (InvalidationPlan | 'all')[]): InvalidationPlan | 'all' {
  const [first] = plans;
  if (first === undefined || first === 'all' || plans.length === 1) return first ?? 'all';
  const parts = plans.filter((plan) => plan !== 'all');
  return {
    ...first,
    keys: parts.flatMap(({ keys }) => keys),
    patterns: parts.flatMap(({ patterns }) => patterns),
    tags: parts.flatMap(({ tags }) => tags),
  };
}

function keysAlone(keys: readonly string[]): InvalidationPlan {
  return { keys, patterns: [], tags: [], settleMs: 0, scan: false };
}
