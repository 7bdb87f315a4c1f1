import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { brand, type Duration, toMs } from '../../core/common/index.js';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

const MAX_AGE = Symbol.for('nestjs-redis-cache:fresh-login');

/** A login that is too old for what is asked. The body has `code: 'FRESH_LOGIN_REQUIRED'`. */
export class FreshLoginRequiredException extends UnauthorizedException {
  readonly code = 'FRESH_LOGIN_REQUIRED';

  constructor(readonly maxAgeMs: number) {
    super({
      statusCode: 401,
      code: 'FRESH_LOGIN_REQUIRED',
      message: 'Enter your password once more.',
      maxAgeSeconds: Math.floor(maxAgeMs / 1_000),
    });
    brand(this);
  }
}

@Injectable()
class FreshLoginGuard implements CanActivate {
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = this.sessions.of(context);
    await session.requireUser();
    const maxAgeMs = maxAgeOf(context);
    if ((await session.msSinceLogin()) > maxAgeMs) throw new FreshLoginRequiredException(maxAgeMs);
    return true;
  }
}

function maxAgeOf(context: ExecutionContext): number {
  const [onMethod, onClass] = [context.getHandler(), context.getClass()].map(
    (target) => Reflect.getMetadata(MAX_AGE, target) as number | undefined,
  );
  return onMethod ?? onClass ?? 0;
}

/**
 * Lets in who has logged in a short while ago; others get 401 with `code: 'FRESH_LOGIN_REQUIRED'`. Ask for the password
 * again and call `session.login` with the same user.
 *
 * @param maxAge a number is milliseconds
 * @example `@RequireFreshLogin('5m') @Patch('email')`
 * @throws InvalidOptionError when the class is defined
 */
export function RequireFreshLogin(maxAge: Duration): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(MAX_AGE, toMs('@RequireFreshLogin', maxAge)), UseGuards(FreshLoginGuard));
}
