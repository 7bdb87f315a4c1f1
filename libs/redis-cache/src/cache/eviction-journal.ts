import type { StoredValue } from '../core/codec/index.js';
import type { Pattern } from '../core/keys/index.js';
import type { InvalidationPlan } from './invalidation-plan.js';

interface Noted<What> {
  readonly what: What;
  /** In the order of all notes. */
  readonly moment: number;
}

/** What is to be carried out now, and the moment up to which it settles what has been noted. */
export interface Redelivery {
  readonly plans: readonly (InvalidationPlan | 'all')[];
  readonly moment: number;
}

/**
 * Evictions that Redis has not carried out, or may not have, joined to as few as they come to: evicting twice does no
 * harm, and their order does not matter. When there are too many, all is to be evicted.
 */
export class EvictionJournal {
  private readonly keys = new Map<string, Noted<string>>();
  private readonly patterns = new Map<string, Noted<{ readonly pattern: Pattern; readonly scan: boolean }>>();
  private readonly tags = new Map<string, Noted<string>>();
  private all: number | undefined;
  private longestSettleMs = 0;
  private moments = 0;

  /** @param limit so many keys, patterns and tags */
  constructor(private readonly limit: number) {}

  get pending(): number {
    return this.keys.size + this.patterns.size + this.tags.size + (this.all === undefined ? 0 : 1);
  }

  /** Whether everything is to be evicted: it was asked for, or there was too much to remember. */
  get coversAll(): boolean {
    return this.all !== undefined;
  }

  /** Whether tags wait, so that it takes the value to know whether it is covered. */
  get hasTags(): boolean {
    return this.tags.size > 0;
  }

  add(plan: InvalidationPlan | 'all'): void {
    this.moments += 1;
    if (plan === 'all') return this.coverAll();
    const moment = this.moments;
    for (const key of plan.keys) this.keys.set(key, { what: key, moment });
    for (const tag of plan.tags) this.tags.set(tag, { what: tag, moment });
    for (const pattern of plan.patterns) {
      const scan = plan.scan || this.patterns.get(pattern.source)?.what.scan === true;
      this.patterns.set(pattern.source, { what: { pattern, scan }, moment });
    }
    this.longestSettleMs = Math.max(this.longestSettleMs, plan.settleMs);
    if (this.pending > this.limit) this.coverAll();
  }

  /** Whether what Redis has under a key must not be read. */
  covers(key: string, stored?: Pick<StoredValue, 'envelope'>): boolean {
    if (this.pending === 0) return false;
    if (this.all !== undefined || this.keys.has(key)) return true;
    for (const { what } of this.patterns.values()) if (what.pattern.matches(key)) return true;
    return stored?.envelope?.tags.some((tag) => this.tags.has(tag)) ?? false;
  }

  /** @param isMine which keys belong to it; patterns and tags always do */
  redelivery(isMine: (key: string) => boolean = () => true): Redelivery {
    return { plans: this.pending === 0 ? [] : this.plans(isMine), moment: this.moments };
  }

  /** Strikes out what has been carried out, unless it was noted again meanwhile. */
  settle(plan: InvalidationPlan | 'all', moment: number): void {
    if (plan === 'all') {
      if (this.all !== undefined && this.all <= moment) this.all = undefined;
    } else {
      for (const key of plan.keys) strikeOut(this.keys, key, moment);
      for (const tag of plan.tags) strikeOut(this.tags, tag, moment);
      for (const { source } of plan.patterns) strikeOut(this.patterns, source, moment);
    }
    if (this.pending === 0) this.longestSettleMs = 0;
  }

  private coverAll(): void {
    this.all = this.moments;
    this.keys.clear();
    this.patterns.clear();
    this.tags.clear();
  }

  private plans(isMine: (key: string) => boolean): (InvalidationPlan | 'all')[] {
    const patterns = [...this.patterns.values()].map(({ what }) => what);
    const of = (scan: boolean): Pattern[] =>
      patterns.filter((each) => each.scan === scan).map(({ pattern }) => pattern);
    const settleMs = this.longestSettleMs;
    const plans: InvalidationPlan[] = [
      { keys: [...this.keys.keys()].filter(isMine), patterns: [], tags: [], settleMs, scan: false },
      { keys: [], patterns: of(false), tags: [...this.tags.keys()], settleMs, scan: false },
      { keys: [], patterns: of(true), tags: [], settleMs: 0, scan: true },
    ];
    const some = plans.filter(({ keys, patterns, tags }) => keys.length + patterns.length + tags.length > 0);
    return this.all === undefined ? some : ['all', ...some];
  }
}

function strikeOut(notes: Map<string, Noted<unknown>>, name: string, moment: number): void {
  const note = notes.get(name);
  if (note !== undefined && note.moment <= moment) notes.delete(name);
}
