import { type Charge, isWithin, type LimitRequest, type LimitStore, type Verdict } from './limit-store.js';
import { createMemoryState, type MemoryState } from './memory-units.js';
import { RequestIds } from './request-ids.js';

/** Who was not seen for longest is forgotten first. */
const MOST_SUBJECTS = 10_000;

/** Limits counted in the memory of this process, by the rules of the scripts: while Redis is away, and in tests. */
export class MemoryLimits implements LimitStore {
  private readonly ids = new RequestIds();
  private readonly states = new Map<string, MemoryState>();

  /** @param now the time in ms */
  constructor(private readonly now: () => number) {}

  nextId(): string {
    return this.ids.next();
  }

  async decide(charges: readonly Charge[], { id, mode }: LimitRequest): Promise<readonly Verdict[]> {
    const now = Math.floor(this.now());
    if (mode === 'peek') return charges.map((charge) => this.judge(charge, now));
    if (charges.some((charge) => this.stateOf(charge).isCounted(id)))
      return charges.map((charge) => ({ ...this.judge(charge, now), waitMs: 0 }));
    const verdicts = charges.map((charge) => this.judge(charge, now));
    return isWithin(verdicts) ? charges.map((charge) => this.count(charge, now, id)) : verdicts;
  }

  async refund(charges: readonly Charge[], id: string): Promise<void> {
    for (const charge of charges) this.stateOf(charge).undo(charge.policy, Math.floor(this.now()), id);
  }

  async renew(charges: readonly Charge[], id: string): Promise<void> {
    const slots = charges.filter(({ policy }) => policy.kind === 'slots');
    for (const charge of slots) this.stateOf(charge).renew(charge.policy, Math.floor(this.now()), id);
  }

  async reset(charges: readonly Charge[]): Promise<void> {
    for (const { key } of charges) this.states.delete(key);
  }

  private judge(charge: Charge, now: number): Verdict {
    const { policy, cost } = charge;
    const state = this.stateOf(charge);
    const free = state.free(policy, now);
    const capacity = policy.kind === 'gcra' ? policy.burst : policy.limit;
    const wait = (): number =>
      cost > capacity ? policy.windowMs : Math.max(1, state.waitFor(policy, now, cost - free));
    return {
      charge,
      remaining: Math.max(0, free),
      waitMs: cost <= free ? 0 : wait(),
      nextMs: free < capacity ? Math.max(1, state.waitFor(policy, now, Math.max(1, 1 - free))) : 0,
    };
  }

  private count(charge: Charge, now: number, id: string): Verdict {
    const { policy, cost } = charge;
    if (cost > 0) this.stateOf(charge).count(policy, now, { id, cost });
    return { ...this.judge(charge, now), waitMs: 0 };
  }

  private stateOf({ key, policy }: Charge): MemoryState {
    const state = this.states.get(key) ?? createMemoryState(policy);
    this.states.delete(key);
    this.states.set(key, state);
    const [leastRecent] = this.states.keys();
    if (this.states.size > MOST_SUBJECTS) this.states.delete(leastRecent!);
    return state;
  }
}
