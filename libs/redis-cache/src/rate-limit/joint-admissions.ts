import { isRedisCacheError } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { Charge, LimitRequest, Verdict } from './limit-store.js';
import { type Admission, admitRequests } from './rate-limit.scripts.js';

/** Redis serves nobody else meanwhile. */
const MOST_AT_ONCE = 64;

interface Waiting {
  readonly charge: Charge;
  readonly request: LimitRequest;
  readonly resolve: (verdict: Verdict | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Most requests have one limit and are within it. Those of one tick go to a server as one script: a command costs more,
 * here and there, than what is done for a request. On a cluster each goes for itself, under its own key, because a slot may be
 * on the move.
 */
export class JointAdmissions {
  private waiting: Waiting[] = [];

  constructor(private readonly connection: Pick<RedisConnection, 'run'>) {}

  /** Resolves with nothing, and has counted nothing, when more has to be looked at than here. */
  admit(charge: Charge, request: LimitRequest): Promise<Verdict | undefined> {
    if (!isPlain(charge, request)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const waiting = { charge, request, resolve, reject };
      if (charge.bucket === '') this.join(waiting);
      else this.send([waiting]);
    });
  }

  private join(waiting: Waiting): void {
    if (this.waiting.length === 0) setImmediate(() => this.sendWaiting());
    if (this.waiting.push(waiting) === MOST_AT_ONCE) this.sendWaiting();
  }

  private sendWaiting(): void {
    if (this.waiting.length === 0) return;
    const all = this.waiting;
    this.waiting = [];
    this.send(all);
  }

  private send(all: readonly Waiting[]): void {
    this.connection.run(admitRequests, { first: all[0]!.charge.key }, { requests: describe(all) }).then(
      (admissions) => answer(all, admissions),
      (error: unknown) => fail(all, error),
    );
  }
}

function isPlain({ policy: { kind }, cost }: Charge, { mode }: LimitRequest): boolean {
  return mode === 'consume' && (kind === 'log' ? cost === 1 : cost > 0 && (kind === 'fixed' || kind === 'gcra'));
}

/** As `lua/admit.lua` reads them: rules are told when they change. */
function describe(all: readonly Waiting[]): string {
  let described = '';
  let before: Waiting | undefined;
  for (const each of all) {
    if (before === undefined || !haveSameRules(before, each)) described += rulesOf(each);
    described += `\0${each.request.id} ${before === undefined ? '' : each.charge.key}\0`;
    before = each;
  }
  return described;
}

function haveSameRules(one: Waiting, other: Waiting): boolean {
  return (
    one.charge.policy === other.charge.policy &&
    one.charge.cost === other.charge.cost &&
    one.request.refundableMs === other.request.refundableMs
  );
}

function rulesOf({ charge: { policy, cost }, request: { refundableMs } }: Waiting): string {
  const { kind, limit, windowMs, burst } = policy;
  return `${kind} ${limit} ${windowMs} ${cost} ${burst} ${Math.min(refundableMs, windowMs)}`;
}

function answer(all: readonly Waiting[], admissions: readonly (Admission | undefined)[]): void {
  for (let at = 0; at < all.length; at += 1) {
    const { charge, resolve } = all[at]!;
    const admission = admissions[at];
    resolve(admission && { charge, remaining: admission.remaining, waitMs: 0, nextMs: admission.nextMs });
  }
}

/** What is wrong with the state of one caller is not the others' concern: each asks for itself. */
function fail(all: readonly Waiting[], error: unknown): void {
  const isRefusal = isRedisCacheError(error, 'REDIS_REPLY');
  for (const { resolve, reject } of all) {
    if (isRefusal) resolve(undefined);
    else reject(error);
  }
}
