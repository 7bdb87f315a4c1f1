import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { outsideOfRequests, toMs } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import { CallerIdentity, type CallerIdentityParts } from './caller-identity.js';
import { type Ending, followRequest } from './open-request.js';
import { answerAsProblem } from './problem-answer.js';
import type { RateLimitDecision } from './rate-limit-decision.js';
import { type Headers, legacyHeaders, rateLimitHeaders } from './rate-limit-headers.js';
import { RateLimitExceededException } from './rate-limit.errors.js';
import type { RateLimitEvents } from './rate-limit.events.js';
import type { ResolvedRateLimitOptions } from './rate-limit.options.js';
import type { RateLimitCharge, RateLimitPolicy } from './rate-limit-policy.js';
import type { RateLimiter } from './rate-limiter.js';
import { type Handler, RoutePolicies } from './route-policies.js';
import type { OfRequest, RoutePolicy } from './route-policy.js';

/** Express's is Node's; Fastify's has it. */
type PlatformResponse = ServerResponse & { readonly raw?: ServerResponse };

interface RequestCharge extends RateLimitCharge {
  readonly route: RoutePolicy;
}

type PerRequest = Pick<RateLimitPolicy, 'limit' | 'window'>;

export interface RequestLimitsParts {
  readonly limiter: RateLimiter;
  readonly http: HttpAdapterHost;
  readonly events: EventBus<RateLimitEvents>;
  readonly sessionOf?: CallerIdentityParts['sessionOf'];
}

/** What all guards of an application share: a request is counted once, however many of them it passes. */
export class RequestLimits {
  readonly policies: RoutePolicies;
  private readonly unchanging = new WeakMap<RoutePolicy, RateLimitPolicy>();
  private readonly seen = new WeakSet<object>();
  private readonly callers: CallerIdentity;

  constructor(
    private readonly options: ResolvedRateLimitOptions,
    private readonly parts: RequestLimitsParts,
  ) {
    this.policies = new RoutePolicies(options.policies);
    const { identify, timeoutMs } = options;
    const warn = (message: string): void => this.warn(message);
    this.callers = new CallerIdentity({ identify, timeoutMs, warn, sessionOf: parts.sessionOf });
  }

  /** Makes ready for the first request. Where nothing is limited no connection is opened. */
  async open(): Promise<void> {
    await this.parts.limiter.open();
  }

  /** @throws RateLimitExceededException */
  async admit(context: ExecutionContext): Promise<void> {
    if (context.getType() !== 'http') return this.warn(notHttp(context.getType()));
    if (this.isSeen(context.switchToHttp().getRequest<object>())) return;
    const charges = await this.chargesOf(context);
    if (charges.length === 0) return;
    const response = context.switchToHttp().getResponse<PlatformResponse>();
    const raw = response.raw ?? response;
    const decision = await this.parts.limiter.consume(this.parts.limiter.charge(charges));
    // First of all: whatever goes wrong from here on, what was taken is given back.
    if (decision.isAllowed) outsideOfRequests(() => this.follow(decision, charges, raw));
    this.tell(response, charges, decision);
    if (decision.isAllowed) return;
    answerAsProblem(raw);
    throw new RateLimitExceededException(decision);
  }

  private isSeen(request: object): boolean {
    if (this.seen.has(request)) return true;
    this.seen.add(request);
    return false;
  }

  private async chargesOf(context: ExecutionContext): Promise<readonly RequestCharge[]> {
    const routes = this.policies.of(context.getClass(), context.getHandler() as Handler);
    const charges = await Promise.all(routes.map((route) => this.chargeOf(route, context)));
    return charges.filter((charge) => charge !== undefined);
  }

  private async chargeOf(route: RoutePolicy, context: ExecutionContext): Promise<RequestCharge | undefined> {
    if ((await route.skip?.(context)) === true) return undefined;
    const caller = await this.callers.of(route, context);
    if (caller === undefined) return undefined;
    const cost = await valueOf(route.cost ?? 1, context);
    return { policy: await this.policyOf(route, context), subject: subjectOf(route.scope, caller), cost, route };
  }

  /** The same object where nothing of it comes from the request, so that it is looked through once. */
  private policyOf(route: RoutePolicy, context: ExecutionContext): RateLimitPolicy | Promise<RateLimitPolicy> {
    const { limit, window } = route;
    if (typeof limit === 'function' || typeof window === 'function') return policyOfRequest(route, context);
    const policy = this.unchanging.get(route) ?? policyFrom(route, { limit, window });
    this.unchanging.set(route, policy);
    return policy;
  }

  private tell(response: object, charges: readonly RequestCharge[], decision: RateLimitDecision): void {
    const announced = charges.map(({ policy: { name, limit, window, algorithm }, route: { countOnly } }) => ({
      policy: name,
      limit,
      windowMs: toMs('window', window),
      isConcurrency: algorithm === 'concurrency',
      isFinal: algorithm !== 'concurrency' && countOnly === undefined,
    }));
    const headers: Headers = [
      ...rateLimitHeaders(announced, decision),
      ...(this.options.legacyHeaders ? legacyHeaders(decision) : []),
    ];
    for (const [name, value] of headers) this.parts.http.httpAdapter.setHeader(response, name, value);
  }

  /** Gives back, at the end, slots and what turned out not to count; keeps slots until then. */
  private follow(decision: RateLimitDecision, charges: readonly RequestCharge[], response: ServerResponse): void {
    const slots = charges.filter(({ policy }) => policy.algorithm === 'concurrency');
    if (slots.length === 0 && charges.every(({ route }) => route.countOnly === undefined)) return;
    const windows = slots.map(({ policy }) => toMs('window', policy.window));
    const timer =
      windows.length > 0
        ? setInterval(() => void this.parts.limiter.renew(decision), third(windows)).unref()
        : undefined;
    void followRequest(response).then((how) => {
      clearInterval(timer);
      const over = charges.filter((charge) => isOver(charge, how)).map(({ policy }) => policy.name);
      return this.parts.limiter.refundLater(decision, ({ policy }) => over.includes(policy.name));
    });
  }

  private warn(message: string): void {
    this.parts.events.publish('rate-limit:warning', { message });
  }
}

function isOver({ policy, route: { countOnly } }: RequestCharge, { isAnswered, status }: Ending): boolean {
  if (policy.algorithm === 'concurrency') return true;
  if (countOnly === undefined || !isAnswered) return false;
  return (status >= 400 ? 'failed' : 'successful') !== countOnly;
}

async function policyOfRequest(route: RoutePolicy, context: ExecutionContext): Promise<RateLimitPolicy> {
  const [limit, window] = await Promise.all([valueOf(route.limit, context), valueOf(route.window, context)]);
  return policyFrom(route, { limit, window });
}

function policyFrom({ name, algorithm, burst, onUnavailable }: RoutePolicy, given: PerRequest): RateLimitPolicy {
  return {
    name,
    ...given,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(burst === undefined ? {} : { burst }),
    ...(onUnavailable === undefined ? {} : { onUnavailable }),
  };
}

function valueOf<T>(value: OfRequest<T>, context: ExecutionContext): T | Promise<T> {
  return typeof value === 'function' ? (value as (context: ExecutionContext) => T | Promise<T>)(context) : value;
}

/** Callers cannot write the scope, whatever they call themselves. */
function subjectOf(scope: string, caller: string): string {
  return `${scope.replace(/[%|]/g, encodeURIComponent)}|${caller}`;
}

function third(windows: readonly number[]): number {
  return Math.max(1, Math.floor(Math.min(2 ** 31 - 1, ...windows) / 3));
}

function notHttp(type: string): string {
  return `RateLimitGuard limits HTTP requests only and lets "${type}" pass. Use RateLimitService there.`;
}
