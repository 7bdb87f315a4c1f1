import type { ExecutionContext } from '@nestjs/common';
import type { Duration } from '../core/common/index.js';
import { clientNetwork } from './client-address.js';
import type { RouteRateLimit } from './route-policy.js';

interface LoginRequest {
  readonly ip?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface LoginPoliciesOptions {
  /** The account that is tried; `undefined` counts by address only. @default email or username of the body */
  readonly account?: (context: ExecutionContext) => string | undefined;
  /** Failures from one address, at whatever accounts. @default 100 */
  readonly perAddress?: number;
  /** Failures at one account, from whatever addresses. @default 50 */
  readonly perAccount?: number;
  /** Failures at one account from one address. @default 5 */
  readonly perPair?: number;
  /** @default '15m' */
  readonly window?: Duration;
}

/**
 * Limits for a route that logs in: by address, by account, and by both together. Only failures count (answers from status
 * 400 on), so that who knows the password is let in, however often.
 *
 * @example
 * @Post('login')
 * @RateLimit(...loginPolicies())
 * login() { … }
 */
export function loginPolicies({
  account = accountOfBody,
  perAddress = 100,
  perAccount = 50,
  perPair = 5,
  window = '15m',
}: LoginPoliciesOptions = {}): readonly RouteRateLimit[] {
  const failures = { window, countOnly: 'failed' } as const;
  const accountOf = (context: ExecutionContext): string | undefined => account(context)?.trim().toLowerCase();
  return [
    { ...failures, name: 'login-address', limit: perAddress, key: 'ip' },
    { ...failures, name: 'login-account', limit: perAccount, key: accountOf },
    {
      ...failures,
      name: 'login-pair',
      limit: perPair,
      key: (context) => {
        const tried = accountOf(context);
        return tried === undefined ? undefined : `${addressOf(context)} ${tried}`;
      },
    },
  ];
}

function accountOfBody(context: ExecutionContext): string | undefined {
  const { email, username } = context.switchToHttp().getRequest<LoginRequest>().body ?? {};
  const account = email ?? username;
  return typeof account === 'string' && account !== '' ? account : undefined;
}

function addressOf(context: ExecutionContext): string {
  return clientNetwork(context.switchToHttp().getRequest<LoginRequest>().ip ?? 'unknown');
}
