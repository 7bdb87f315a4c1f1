import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { SessionService } from '../session.service.js';
import { exchangeOf, headerOf } from './http-exchange.js';
import { HttpSession } from './http-session.js';
import { TokenCarrier } from './token-carrier.js';

/** What the session decorators and guards ask for. Nest shows this text where the module is missing. */
export const HTTP_SESSIONS = Symbol.for(
  'sessions of nestjs-redis-cache: import RedisCacheModule.forRoot() (in a test: ...provideFakeSessions())',
);

/** The session of each request, made when somebody first asks for it. */
export class HttpSessions {
  private readonly byRequest = new WeakMap<IncomingMessage, HttpSession>();

  constructor(private readonly sessions: SessionService) {}

  of(context: ExecutionContext): HttpSession {
    const exchange = exchangeOf(context);
    const known = this.byRequest.get(exchange.request);
    if (known !== undefined) return known;
    const { request, ip } = exchange;
    const userAgent = headerOf(request, 'user-agent');
    const device = { ...(ip !== undefined && { ip }), ...(userAgent !== undefined && { userAgent }) };
    const made = new HttpSession(this.sessions, new TokenCarrier(exchange, this.sessions.options), device);
    this.byRequest.set(request, made);
    return made;
  }
}
