import type { ExecutionContext } from '@nestjs/common';
import { withDeadline } from '../core/connection/index.js';
import { clientNetwork } from './client-address.js';
import type { Identify } from './rate-limit.options.js';
import type { RoutePolicy } from './route-policy.js';

/** What Express and Fastify, and what is usual beside them, put on a request. */
interface CallerRequest {
  readonly ip?: string;
  /** The proxies that are trusted: missing or empty when none is. */
  readonly ips?: readonly string[];
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly user?: { readonly id?: unknown; readonly sub?: unknown };
  readonly session?: { readonly id?: unknown };
}

const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip'];

/** Whose session a request belongs to. */
export interface SessionOwner {
  readonly id: string;
  /** Missing before the login. */
  readonly userId: string | undefined;
}

export interface CallerIdentityParts {
  readonly identify: Identify | undefined;
  /** Asks the sessions of this module; missing when it has none. */
  readonly sessionOf: ((context: ExecutionContext) => Promise<SessionOwner | undefined>) | undefined;
  readonly timeoutMs: number;
  readonly warn: (message: string) => void;
}

/** Whom a request counts for. */
export class CallerIdentity {
  constructor(private readonly parts: CallerIdentityParts) {}

  /** `undefined`: for nobody. */
  async of({ name, key = 'ip' }: RoutePolicy, context: ExecutionContext): Promise<string | undefined> {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    if (key === 'ip') return this.addressOf(request);
    if (typeof key === 'function') {
      const own = await key(context);
      return own === undefined ? undefined : `key:${own}`;
    }
    const id = key === 'user' ? await this.userOf(context, request) : await this.sessionOf(context, request);
    if (id !== undefined) return `${key}:${id}`;
    if (this.parts.sessionOf === undefined) this.parts.warn(withoutCaller(name, key));
    return this.addressOf(request);
  }

  private async userOf(context: ExecutionContext, { user }: CallerRequest): Promise<string | undefined> {
    const known = (await this.parts.identify?.(context)) ?? textOf(user?.id) ?? textOf(user?.sub);
    return known ?? (await this.ownSessionOf(context))?.userId;
  }

  private async sessionOf(context: ExecutionContext, { session }: CallerRequest): Promise<string | undefined> {
    return textOf(session?.id) ?? (await this.ownSessionOf(context))?.id;
  }

  /** None while there are no sessions to be had: limits refuse nobody for that, and wait no longer than for themselves. */
  private async ownSessionOf(context: ExecutionContext): Promise<SessionOwner | undefined> {
    const { sessionOf, timeoutMs } = this.parts;
    if (sessionOf === undefined) return undefined;
    const late = (): Error => new Error('The session did not come in time.');
    return withDeadline(sessionOf(context), timeoutMs, late).catch(() => undefined);
  }

  private addressOf({ ip, ips = [], headers = {} }: CallerRequest): string {
    const forwarding = FORWARDING.find((header) => headers[header] !== undefined);
    if (forwarding !== undefined && ips.length === 0) this.parts.warn(withoutTrust(forwarding));
    return `ip:${ip === undefined ? 'unknown' : clientNetwork(ip)}`;
  }
}

function textOf(id: unknown): string | undefined {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}

function withoutCaller(policy: string, key: 'user' | 'session'): string {
  return (
    `The rate limit "${policy}" counts by ${key}, but a request had none where the guard ran: it was counted by its address. ` +
    (key === 'user'
      ? 'Under a global guard request.user is not set yet: give rateLimit.identify, or use RateLimitGuard on the route behind the one that sets it.'
      : 'Set up sessions before the guard runs.')
  );
}

function withoutTrust(header: string): string {
  return (
    `Requests arrive with ${header}, but no proxy is trusted: rate limits count by the address of the proxy, or of whoever ` +
    "writes such headers. Behind a proxy set Express's 'trust proxy' to the number of proxies, or Fastify's trustProxy."
  );
}
