import { ServiceUnavailableException } from '@nestjs/common';
import { brand, RedisCacheError } from '../core/common/index.js';

/**
 * Redis gives no answer about sessions: it is away, too slow, or refuses the command. Nest answers 503 wherever a request
 * meets it, with a body that says nothing about Redis; `cause` is what happened there.
 *
 * @example if (isRedisCacheError(error, 'SESSION_UNAVAILABLE')) return { user: 'unknown' };
 */
export class SessionUnavailableException extends ServiceUnavailableException {
  readonly code = 'SESSION_UNAVAILABLE';

  constructor(options: { readonly cause?: unknown } = {}) {
    const message = 'Sessions are not available at the moment. Try again.';
    super({ statusCode: 503, code: 'SESSION_UNAVAILABLE', message }, options);
    brand(this);
  }
}

/** The data of a session would be larger than `session.maxSize`. Nothing was written. */
export class SessionTooLargeError extends RedisCacheError {
  readonly code = 'SESSION_TOO_LARGE';

  constructor(
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(
      `The data of the session would take ${bytes} bytes, session.maxSize is ${maxBytes}. ` +
        'Keep large things in the database or the cache and their ids in the session, or raise session.maxSize.',
    );
  }
}

/** The user has as many sessions as `session.maxPerUser` allows, and `session.whenFull` is `'reject'`. */
export class SessionLimitError extends RedisCacheError {
  readonly code = 'SESSION_LIMIT';

  constructor(
    readonly userId: string,
    readonly sessions: number,
  ) {
    super(
      `The user has ${sessions} sessions and may have no more. Let the user end one of them (list, destroy), ` +
        "or choose session.whenFull: 'evict-oldest'.",
    );
  }
}

/** All sessions of the user were ended after this login had begun. The user must log in again. */
export class LoginRevokedError extends RedisCacheError {
  readonly code = 'LOGIN_REVOKED';

  constructor(readonly userId: string) {
    super(
      'The sessions of the user were ended while this login was under way (log out everywhere, or newer logins in ' +
        'their place), so it was refused. Begin again with beginLogin and check the password once more.',
    );
  }
}

/** `update` was overtaken by other writers again and again. Nothing was written. */
export class SessionConflictError extends RedisCacheError {
  readonly code = 'SESSION_CONFLICT';

  constructor(attempts: number) {
    super(
      `The session was written by others during each of ${attempts} attempts to update it. ` +
        'Make the function of update faster, or write to it less often.',
    );
  }
}

/** The headers of the response are on their way: a new cookie could not be sent any more. Nothing was done. */
export class ResponseSentError extends RedisCacheError {
  readonly code = 'RESPONSE_SENT';

  constructor() {
    super(
      'The headers of the response have been sent, so the cookie of the session could not be. ' +
        'Log in, log out, rotate or first write to the session before the answer begins.',
    );
  }
}
