/** What each algorithm means, written for clarity: every request is remembered for ever. */
export interface LimitModel {
  isWithin(now: number, cost: number): boolean;
  count(now: number, id: string, cost: number): void;
  undo(id: string): void;
}

export interface Rules {
  readonly limit: number;
  readonly windowMs: number;
  readonly burst: number;
}

interface Counted {
  readonly id: string;
  readonly at: number;
  readonly cost: number;
}

abstract class RememberingModel implements LimitModel {
  protected counted: Counted[] = [];

  constructor(protected readonly rules: Rules) {}

  abstract isWithin(now: number, cost: number): boolean;

  count(at: number, id: string, cost: number): void {
    this.counted.push({ id, at, cost });
  }

  undo(id: string): void {
    this.counted = this.counted.filter((each) => each.id !== id);
  }

  protected unitsWhere(holds: (at: number) => boolean): number {
    return this.counted.filter(({ at }) => holds(at)).reduce((sum, { cost }) => sum + cost, 0);
  }
}

/** Also what slots are, as long as nobody renews them. */
export class SlidingLogModel extends RememberingModel {
  isWithin(now: number, cost: number): boolean {
    return this.unitsWhere((at) => at > now - this.rules.windowMs) + cost <= this.rules.limit;
  }
}

export class SlidingPartsModel extends RememberingModel {
  isWithin(now: number, cost: number): boolean {
    const { limit, windowMs } = this.rules;
    const partMs = Math.ceil(windowMs / 58);
    const endOfPart = (at: number): number => Math.floor(at / partMs) * partMs + partMs;
    return this.unitsWhere((at) => endOfPart(at) > now - windowMs) + cost <= limit;
  }
}

export class FixedWindowModel extends RememberingModel {
  private start: number | undefined;

  isWithin(now: number, cost: number): boolean {
    const start = this.startAt(now);
    return this.unitsWhere((at) => at >= start) + cost <= this.rules.limit;
  }

  override count(now: number, id: string, cost: number): void {
    this.start = this.startAt(now);
    super.count(now, id, cost);
  }

  private startAt(now: number): number {
    return this.start === undefined || now >= this.start + this.rules.windowMs ? now : this.start;
  }
}

/** The textbook: a theoretical arrival time, here in 1/limit ms, so that it is whole. */
export class GcraModel implements LimitModel {
  private arrival = 0n;
  private readonly costs = new Map<string, number>();

  constructor(private readonly rules: Rules) {}

  isWithin(now: number, cost: number): boolean {
    const { windowMs, burst } = this.rules;
    return this.arrivalAt(now) + BigInt(cost * windowMs) - this.scaled(now) <= BigInt(burst * windowMs);
  }

  count(now: number, id: string, cost: number): void {
    this.arrival = this.arrivalAt(now) + BigInt(cost * this.rules.windowMs);
    this.costs.set(id, cost);
  }

  undo(id: string): void {
    this.arrival -= BigInt((this.costs.get(id) ?? 0) * this.rules.windowMs);
    this.costs.delete(id);
  }

  private arrivalAt(now: number): bigint {
    return this.arrival > this.scaled(now) ? this.arrival : this.scaled(now);
  }

  private scaled(now: number): bigint {
    return BigInt(now) * BigInt(this.rules.limit);
  }
}
