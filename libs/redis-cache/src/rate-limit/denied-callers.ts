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

  remember(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) if (verdict.waitMs > 0 && verdict.charge.policy.kind !== 'slots') this.add(verdict);
  }

  forget(charges: readonly Charge[]): void {
    for (const { key } of charges) this.denials.delete(key);
  }

  private add(verdict: Verdict): void {
    const since = this.now();
    const { key } = verdict.charge;
    this.denials.delete(key);
    this.denials.set(key, { verdict, since, until: since + Math.min(LONGEST_MS, verdict.waitMs) });
    const [oldest] = this.denials.keys();
    if (this.denials.size > MOST_DENIALS) this.denials.delete(oldest!);
  }

  /** A smaller request, or one with a higher limit, may pass. */
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
    if (charge.cost < cost || charge.policy.limit > policy.limit || charge.policy.burst > policy.burst)
      return undefined;
    const passed = Math.floor(now - since);
    const { remaining, waitMs, nextMs } = verdict;
    return { charge, remaining, waitMs: leftOf(waitMs, passed), nextMs: leftOf(nextMs, passed) };
  }
}

function leftOf(ms: number, passed: number): number {
  return ms === 0 ? 0 : Math.max(1, ms - passed);
}
