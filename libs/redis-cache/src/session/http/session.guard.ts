import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

/** Lets in who is logged in; others get 401. @example `@UseGuards(SessionGuard)` */
@Injectable()
export class SessionGuard implements CanActivate {
  /** @internal */
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.sessions.of(context).requireUser();
    return true;
  }
}
