import {
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { isCsrfToken } from './csrf-token.js';
import { exchangeOf, headerOf } from './http-exchange.js';
import { HTTP_SESSIONS, type HttpSessions } from './http-sessions.js';

const SKIPPED = Symbol.for('nestjs-redis-cache:skip-csrf');
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** A method or controller that {@link CsrfGuard} lets pass, such as a webhook of another service. */
export function SkipCsrf(): CustomDecorator<symbol> {
  return SetMetadata(SKIPPED, true);
}

/**
 * Requires of POST, PUT, PATCH and DELETE a token of `HttpSession.csrfToken()`, in the header `x-csrf-token` or the field
 * `_csrf` of the body; others get 403. Requests with a bearer token need none: no browser sends that by itself.
 */
@Injectable()
export class CsrfGuard implements CanActivate {
  /** @internal */
  constructor(@Inject(HTTP_SESSIONS) private readonly sessions: HttpSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { request, body } = exchangeOf(context);
    const session = this.sessions.of(context);
    if (SAFE_METHODS.includes(request.method ?? '') || isSkipped(context) || !session.carrier.isAmbient) return true;
    const given = headerOf(request, 'x-csrf-token') ?? (body as { _csrf?: unknown } | undefined)?._csrf;
    const csrf = (await session.read())?.csrf;
    if (csrf !== undefined && isCsrfToken(given, csrf)) return true;
    throw new ForbiddenException('The CSRF token is missing or wrong. Load the page again.');
  }
}

function isSkipped(context: ExecutionContext): boolean {
  return [context.getHandler(), context.getClass()].some((target) => Reflect.getMetadata(SKIPPED, target) === true);
}
