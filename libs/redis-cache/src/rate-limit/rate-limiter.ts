import { Deadlines, type RedisConnection } from '../core/connection/index.js';
import { InvalidOptionError, refuse } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import type { DeniedCallers } from './denied-callers.js';
import { evictionWarning } from './eviction-warning.js';
import { type Charge, type LimitStore, type Verdict } from './limit-store.js';
import {
  type Counted,
  countedBy,
  type DecidedBy,
  decisionFrom,
  type RateLimitDecision,
} from './rate-limit-decision.js';
import type { RateLimitKeys } from './rate-limit-keys.js';
import {
  type RateLimitCharge,
  type RateLimitPolicy,
  resolvePolicy,
  type ResolvedPolicy,
  type WhenUnavailable,
} from './rate-limit-policy.js';
import { RateLimitTimeoutError } from './rate-limit.errors.js';
import type { RateLimitEvents } from './rate-limit.events.js';
import { requireCost } from './route-policy.js';

export interface RateLimiterParts {
  readonly connection: Pick<RedisConnection, 'open'> & Servers;
  /** Whether Redis is known not to answer: nobody has to wait to find it out. */
  readonly isAway: (charges: readonly Charge[]) => boolean;
  readonly redis: LimitStore;
  readonly memory: LimitStore;
  readonly denied: DeniedCallers;
  readonly keys: RateLimitKeys;
  readonly events: EventBus<RateLimitEvents>;
  readonly timeoutMs: number;
  readonly onUnavailable: WhenUnavailable;
}

/** What a script can note of one request. */
const MOST_CHARGES = 1_000;

type Servers = Parameters<typeof evictionWarning>[0];

/** Decides in Redis, in time; without it when it does not answer. */
export class RateLimiter {
  private readonly denied: DeniedCallers;
  private readonly deadlines: Deadlines;
  private readonly resolved = new WeakMap<object, ResolvedPolicy>();

  constructor(private readonly parts: RateLimiterParts) {
    const { timeoutMs, denied } = parts;
    this.denied = denied;
    this.deadlines = new Deadlines(timeoutMs, () => new RateLimitTimeoutError(timeoutMs));
  }

  /** The first request would open the connection too, within its short deadline. */
  async open(): Promise<void> {
    const { connection, events } = this.parts;
    await connection.open();
    const message = await evictionWarning(connection);
    if (message !== undefined) events.publish('rate-limit:warning', { message });
  }

  charge(given: RateLimitCharge | readonly RateLimitCharge[]): readonly Charge[] {
    if (!isList(given)) return [this.chargeOf(given, 0)];
    if (given.length === 0 || given.length > MOST_CHARGES)
      throw new InvalidOptionError('charges', `expected 1 to ${MOST_CHARGES}, got ${given.length}.`);
    const made = given.map((charge, place) => this.chargeOf(charge, place));
    const keys = new Set(made.map(({ key }) => key));
    if (keys.size === made.length) return made;
    throw new InvalidOptionError('charges', 'hold the same policy and subject twice. Use cost.');
  }

  /** At once when it is known that it would be refused. */
  consume(charges: readonly Charge[]): RateLimitDecision | Promise<RateLimitDecision> {
    const refusals = this.denied.find(charges);
    return refusals.length > 0 ? this.report(decisionFrom(refusals, 'memory')) : this.consumeAsking(charges);
  }

  async peek(charges: readonly Charge[]): Promise<RateLimitDecision> {
    const request = { id: '', mode: 'peek' } as const;
    if (this.parts.isAway(charges)) return decisionFrom(await this.parts.memory.decide(charges, request), 'memory');
    const asked = this.parts.redis.decide(charges, request);
    try {
      return decisionFrom(await this.deadlines.guard(asked, rethrow), 'redis');
    } catch {
      void asked.catch(() => undefined);
      return decisionFrom(await this.parts.memory.decide(charges, request), 'memory');
    }
  }

  async refund(decision: RateLimitDecision, isMeant: (charge: Charge) => boolean = () => true): Promise<void> {
    const counted = countedBy(decision);
    if (counted === undefined) return;
    const charges = counted.charges.filter(isMeant);
    this.denied.forget(charges);
    if (charges.length > 0) await counted.store.refund(charges, counted.id);
    this.denied.forget(charges);
  }

  /** Like {@link refund}, for nobody who waits. */
  async refundLater(decision: RateLimitDecision, isMeant: (charge: Charge) => boolean): Promise<void> {
    await this.refund(decision, isMeant).catch((error: unknown) =>
      this.reportKept(countedBy(decision)?.charges ?? [], error),
    );
  }

  /** Keeps the slots of a request that goes on. */
  async renew(decision: RateLimitDecision): Promise<void> {
    const counted = countedBy(decision);
    await counted?.store.renew(counted.charges, counted.id).catch(() => undefined); // tried again before it is too late
  }

  async reset(charges: readonly Charge[]): Promise<void> {
    this.denied.forget(charges);
    await this.parts.memory.reset(charges);
    await this.parts.redis.reset(charges);
    this.denied.forget(charges);
  }

  reportKept(charges: readonly Charge[], error: unknown): void {
    this.parts.events.publish('rate-limit:refund-failed', { policies: namesOf(charges), error });
  }

  private async consumeAsking(charges: readonly Charge[]): Promise<RateLimitDecision> {
    const id = this.parts.redis.nextId();
    if (this.parts.isAway(charges)) return this.consumeWithoutRedis(charges, id, undefined);
    const asked = this.denied.asking();
    const deciding = this.parts.redis.decide(charges, { id, mode: 'consume' });
    try {
      const verdicts = await this.deadlines.guard(deciding, rethrow);
      this.denied.remember(verdicts, asked);
      return this.decided({ charges, id, store: this.parts.redis }, verdicts, 'redis');
    } catch (error) {
      void deciding.then(
        () => this.takeBack(charges, id, { mayArrive: false }),
        // By way of a connection that was given up, or when a server goes on that had stopped.
        () => this.takeBack(charges, id, { mayArrive: true }),
      );
      return this.consumeWithoutRedis(charges, id, error);
    }
  }

  private chargeOf({ policy, subject, cost = 1 }: RateLimitCharge, place: number): Charge {
    if (typeof subject !== 'string') refuse('subject', 'a text', subject);
    const resolved = this.resolved.get(policy) ?? this.resolve(policy);
    const { key, bucket } = this.parts.keys.of(resolved, subject);
    return { policy: resolved, cost: requireCost('cost', cost), key, bucket, place };
  }

  private resolve(policy: RateLimitPolicy): ResolvedPolicy {
    const resolved = resolvePolicy('policy', policy);
    this.resolved.set(policy, resolved);
    return resolved;
  }

  private decided(counted: Counted, verdicts: readonly Verdict[], by: DecidedBy): RateLimitDecision {
    return this.report(decisionFrom(verdicts, by, counted));
  }

  /** Of several policies each has its own way; one that refuses is enough. */
  private async consumeWithoutRedis(
    charges: readonly Charge[],
    id: string,
    error: unknown,
  ): Promise<RateLimitDecision> {
    this.parts.events.publish('rate-limit:unavailable', { policies: namesOf(charges), error });
    const waysOf = ({ policy }: Charge): WhenUnavailable => policy.onUnavailable ?? this.parts.onUnavailable;
    const denied = charges.filter((charge) => waysOf(charge) === 'deny');
    if (denied.length > 0) return this.report(decisionFrom(denied.map(deny), 'policy'));
    const local = charges.filter((charge) => waysOf(charge) === 'local');
    const { memory } = this.parts;
    const verdicts = await memory.decide(local, { id, mode: 'consume' });
    return this.decided({ charges: local, id, store: memory }, verdicts, local.length > 0 ? 'memory' : 'policy');
  }

  /** Redis may have counted, in one hash slot or in all, or may still: but the request was decided on here. */
  private async takeBack(charges: readonly Charge[], id: string, options: { mayArrive: boolean }): Promise<void> {
    await this.parts.redis.refund(charges, id, options).catch((error: unknown) => this.reportKept(charges, error));
  }

  private report(decision: RateLimitDecision): RateLimitDecision {
    const { isAllowed, violated: policies, decidedBy } = decision;
    if (!isAllowed) this.parts.events.publish('rate-limit:refused', { policies, decidedBy });
    return decision;
  }
}

function isList(given: RateLimitCharge | readonly RateLimitCharge[]): given is readonly RateLimitCharge[] {
  return Array.isArray(given);
}

function namesOf(charges: readonly Charge[]): string[] {
  return charges.map(({ policy }) => policy.name);
}

/** Nobody knows how long: the caller may ask again in a second. */
function deny(charge: Charge): Verdict {
  return { charge, remaining: 0, waitMs: 1_000, nextMs: 1_000 };
}

function rethrow(failure: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
  return Promise.reject(failure);
}
