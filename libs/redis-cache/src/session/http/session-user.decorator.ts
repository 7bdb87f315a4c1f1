import { createParamDecorator, type ExecutionContext, Inject, Injectable, type PipeTransform } from '@nestjs/common';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

@Injectable()
class SessionUserPipe implements PipeTransform<ExecutionContext, Promise<string>> {
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  transform(context: ExecutionContext): Promise<string> {
    return this.sessions.of(context).requireUser();
  }
}

const inContext = createParamDecorator((_: unknown, context: ExecutionContext) => context);

/**
 * The id of the user who is logged in. Answers 401 when nobody is.
 * @example orders(@SessionUser() userId: string) { return this.orders.of(userId); }
 */
export function SessionUser(): ParameterDecorator {
  return inContext(SessionUserPipe);
}
