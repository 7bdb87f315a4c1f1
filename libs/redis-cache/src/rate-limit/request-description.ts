import type { Charge } from './limit-store.js';

/** Of one hash slot. */
interface Described {
  readonly charges: readonly Charge[];
  readonly id: string;
}

/** So long a request may be under way: it counts once. */
const NOTED_AT_LEAST_MS = 60_000;
/** So long it can be refunded: the answer to it may take its time. */
const NOTED_AT_MOST_MS = 600_000;

interface Description {
  readonly requests: string;
  /** Where the state of each limit is kept. */
  readonly limits: readonly string[];
  readonly group: string;
  readonly notedMs: number;
}

/** Requests of one group, as `lua/includes/requests.lua` reads them: what is as it was before is not repeated. */
export function describeRequests(described: readonly Described[]): Description {
  const [first] = described as [Described];
  const groupLength = first.id.lastIndexOf('.');
  let requests = '';
  const limits: string[] = [];
  let before: Charge | undefined;
  let windowMs = 0;
  for (const { charges, id } of described) {
    const number = id.slice(groupLength);
    for (const charge of charges) {
      const rules = before !== undefined && haveSameRules(before, charge) ? '' : rulesOf(charge);
      const place = charge.place === 0 ? '' : `/${charge.place}`;
      requests += `${rules}\0${number}${place}\0`;
      limits.push(charge.key);
      before = charge;
      windowMs = Math.max(windowMs, charge.policy.windowMs);
    }
  }
  const notedMs = Math.min(NOTED_AT_MOST_MS, Math.max(NOTED_AT_LEAST_MS, windowMs));
  return { requests, limits, group: first.id.slice(0, groupLength), notedMs };
}

function haveSameRules(one: Charge, other: Charge): boolean {
  return one.policy === other.policy && one.cost === other.cost;
}

function rulesOf({ policy: { kind, limit, windowMs, burst }, cost }: Charge): string {
  return `${kind} ${limit} ${windowMs} ${cost} ${burst}`;
}
