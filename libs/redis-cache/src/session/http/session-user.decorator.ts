import {
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type PipeTransform,
  UnauthorizedException,
} from '@nestjs/common';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

@Injectable()
class SessionUserPipe implements PipeTransform<ExecutionContext, Promise<string>> {
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  async transform(context: ExecutionContext): Promise<string> {
    const session = await this.sessions.of(context).read();
    if (session?.userId === undefined) throw new UnauthorizedException('Log in first.');
    return session.userId;
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
