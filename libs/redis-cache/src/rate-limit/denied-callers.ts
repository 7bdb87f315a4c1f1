import type { Charge, Verdict } from './limit-store.js';

/** A refund or reset of another process is seen after this long. */
const LONGEST_MS = 1_000;
const MOST_DENIALS = 10_000;

interface Denial {
  readonly verdict: Verdict;
  readonly since: number;
  readonly until: number;
}

/**
 * Who was refused is refused again here, without asking Redis, until the limit would let it in, at most for a second.
 * Places that others free by chance (`concurrency`) are not remembered.
 */
export class DeniedCallers {
  private readonly denials = new Map<string, Denial>();
  private forgets = 0;
  /** Which of them was the last, by key. */
  private readonly forgotten = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The verdicts that are known to refuse a request; empty when Redis has to be asked. */
  find(charges: readonly Charge[]): readonly Verdict[] {
    if (this.denials.size === 0) return [];
    const known: Verdict[] = [];
    for (const charge of charges) {
      const verdict = this.verdictOn(charge);
      if (verdict !== undefined) known.push(verdict);
    }
    return known;
  }

  /** Has to be called before Redis is asked; for {@link remember}. */
  asking(): number {
    return this.forgets;
  }

  /** @param asked what {@link asking} said: who was given something back since then may be let in now */
  remember(verdicts: readonly Verdict[], asked: number): void {
    for (const verdict of verdicts) {
      const { key, policy } = verdict.charge;
      if (verdict.waitMs === 0 || policy.kind === 'slots' || (this.forgotten.get(key) ?? 0) > asked) continue;
      const since = this.now();
      putNewest(this.denials, key, { verdict, since, until: since + Math.min(LONGEST_MS, verdict.waitMs) });
    }
  }

  forget(charges: readonly Charge[]): void {
    this.forgets += 1;
    for (const { key } of charges) {
      this.denials.delete(key);
      putNewest(this.forgotten, key, this.forgets);
    }
  }

  /** A smaller request, or one with a higher limit, may pass; a larger one has to wait longer. */
  private verdictOn(charge: Charge): Verdict | undefined {
    const denial = this.denials.get(charge.key);
    if (denial === undefined) return undefined;
    const now = this.now();
    if (now >= denial.until) {
      this.denials.delete(charge.key);
      return undefined;
    }
    const { verdict, since } = denial;
    const { cost, policy } = verdict.charge;
    if (charge.cost !== cost || charge.policy.limit !== policy.limit || charge.policy.burst !== policy.burst)
      return undefined;
    const passed = Math.floor(now - since);
    const { remaining, waitMs, nextMs } = verdict;
    return { charge, remaining, waitMs: leftOf(waitMs, passed), nextMs: leftOf(nextMs, passed) };
  }
}

function putNewest<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_DENIALS) map.delete(oldest!);
}

function leftOf(ms: number, passed: number): number {
  return ms === 0 ? 0 : Math.max(1, ms - passed);
}
