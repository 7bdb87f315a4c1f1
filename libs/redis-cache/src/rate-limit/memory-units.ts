import type { ResolvedPolicy } from './rate-limit-policy.js';

/** As in `lua/includes/sliding-counter.lua`. */
const PARTS = 58;
/** So many requests can be told from each other, and given back: of slots, all that are taken. */
const MOST_NOTES = 1_000;

/** The state of a limit in memory: what the scripts keep in Redis. */
export interface MemoryState {
  /** Units that can be let in now. */
  free(policy: ResolvedPolicy, now: number): number;
  /** Until so many more are free; at least one is taken. */
  waitFor(policy: ResolvedPolicy, now: number, units: number): number;
  isCounted(id: string): boolean;
  count(policy: ResolvedPolicy, now: number, request: { id: string; cost: number }): void;
  undo(policy: ResolvedPolicy, now: number, id: string): void;
  renew(policy: ResolvedPolicy, now: number, id: string): void;
}

export function createMemoryState({ kind }: ResolvedPolicy): MemoryState {
  return kind === 'gcra' ? new DrainingLevel() : new UnitsWithEnds();
}

/** Units, by the moment from which they do not count any more: sliding and fixed windows, and slots. */
class UnitsWithEnds implements MemoryState {
  private readonly unitsByEnd = new Map<number, number>();
  private readonly notes = new Map<string, { end: number; cost: number; until: number }>();
  private windowEnd = 0;

  free({ limit }: ResolvedPolicy, now: number): number {
    for (const end of this.unitsByEnd.keys()) if (end <= now) this.unitsByEnd.delete(end);
    this.forgetNotes(now);
    return [...this.unitsByEnd.values()].reduce((left, units) => left - units, limit);
  }

  waitFor({ kind }: ResolvedPolicy, now: number, units: number): number {
    let left = 0;
    const ends = [...this.unitsByEnd].sort(([one], [other]) => one - other);
    const [end] = ends.find(([, count]) => (left += count) >= units) ?? [now];
    return kind === 'slots' ? Math.min(1_000, end - now) : end - now;
  }

  isCounted(id: string): boolean {
    return this.notes.has(id);
  }

  count(policy: ResolvedPolicy, now: number, { id, cost }: { id: string; cost: number }): void {
    const end = this.endOf(policy, now);
    this.add(end, cost);
    this.notes.set(id, { end, cost, until: now + policy.windowMs });
    const most = policy.kind === 'slots' ? Math.max(MOST_NOTES, policy.limit) : MOST_NOTES;
    const [oldest] = this.notes.keys();
    if (this.notes.size > most) this.notes.delete(oldest!);
  }

  undo(_: ResolvedPolicy, __: number, id: string): void {
    const noted = this.notes.get(id);
    if (noted === undefined) return;
    this.notes.delete(id);
    if (this.unitsByEnd.has(noted.end)) this.add(noted.end, -noted.cost);
  }

  renew(policy: ResolvedPolicy, now: number, id: string): void {
    const noted = this.notes.get(id);
    if (noted === undefined || noted.end <= now) return;
    this.undo(policy, now, id);
    this.count(policy, now, { id, cost: noted.cost });
  }

  /** They stand in the order in which they end. */
  private forgetNotes(now: number): void {
    for (const [id, { until }] of this.notes) {
      if (until > now) return;
      this.notes.delete(id);
    }
  }

  private endOf({ kind, windowMs }: ResolvedPolicy, now: number): number {
    if (kind === 'slide') {
      const partMs = Math.ceil(windowMs / PARTS);
      return (Math.floor(now / partMs) + 1) * partMs + windowMs;
    }
    if (kind !== 'fixed') return now + windowMs;
    if (this.windowEnd <= now) this.windowEnd = now + windowMs;
    return this.windowEnd;
  }

  private add(end: number, units: number): void {
    const count = (this.unitsByEnd.get(end) ?? 0) + units;
    if (count > 0) this.unitsByEnd.set(end, count);
    else this.unitsByEnd.delete(end);
  }
}

/** As in `lua/includes/gcra.lua`: a unit is `window` high, `limit` drain away each millisecond. */
class DrainingLevel implements MemoryState {
  private level = 0;
  private at = 0;
  private readonly notes = new Map<string, number>();

  free({ limit, burst, windowMs }: ResolvedPolicy, now: number): number {
    this.level = Math.max(0, this.level - Math.max(0, now - this.at) * limit);
    this.at = Math.max(now, this.at);
    return Math.floor((burst * windowMs - this.level) / windowMs);
  }

  waitFor(policy: ResolvedPolicy, now: number, units: number): number {
    const target = (policy.burst - this.free(policy, now) - units) * policy.windowMs;
    return Math.ceil((this.level - target) / Math.max(1, policy.limit));
  }

  isCounted(id: string): boolean {
    return this.notes.has(id);
  }

  count({ windowMs }: ResolvedPolicy, _: number, { id, cost }: { id: string; cost: number }): void {
    this.level += cost * windowMs;
    this.notes.set(id, cost);
    const [oldest] = this.notes.keys();
    if (this.notes.size > MOST_NOTES) this.notes.delete(oldest!);
  }

  undo(policy: ResolvedPolicy, now: number, id: string): void {
    this.free(policy, now);
    this.level = Math.max(0, this.level - (this.notes.get(id) ?? 0) * policy.windowMs);
    this.notes.delete(id);
  }

  renew(): void {}
}
