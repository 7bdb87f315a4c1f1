import { createParamDecorator, type ExecutionContext, Inject, Injectable, type PipeTransform } from '@nestjs/common';
import type { HttpSession } from './http-session.js';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

@Injectable()
class HttpSessionPipe implements PipeTransform<ExecutionContext, HttpSession> {
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  transform(context: ExecutionContext): HttpSession {
    return this.sessions.of(context);
  }
}

const inContext = createParamDecorator((_: unknown, context: ExecutionContext) => context);

/**
 * The {@link HttpSession} of the request, also where there is none yet. Redis is not asked before it is used.
 * @example show(@CurrentSession() session: HttpSession<Shopper>) { return session.get('cart'); }
 */
export function CurrentSession(): ParameterDecorator {
  return inContext(HttpSessionPipe);
}
