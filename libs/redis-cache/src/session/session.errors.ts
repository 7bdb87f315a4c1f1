import { HttpException, HttpStatus, ServiceUnavailableException } from '@nestjs/common';
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

interface Answer {
  readonly status: HttpStatus;
  readonly code: string;
  /** For the client: nothing about options or other people. */
  readonly told: string;
}

/** Nest answers with its status wherever a request meets it; `message` is for the developer. */
abstract class SessionException extends HttpException {
  constructor({ status, code, told }: Answer, message: string) {
    super({ statusCode: status, code, message: told }, status);
    this.message = message;
    brand(this);
  }
}

/** The data of a session would be larger than `session.maxSize`. Nothing was written. Nest answers 413. */
export class SessionTooLargeException extends SessionException {
  readonly code = 'SESSION_TOO_LARGE';

  constructor(
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(
      { status: HttpStatus.PAYLOAD_TOO_LARGE, code: 'SESSION_TOO_LARGE', told: 'This is too much to be kept.' },
      `The data of the session would take ${bytes} bytes, session.maxSize is ${maxBytes}. ` +
        'Keep large things in the database or the cache and their ids in the session, or raise session.maxSize.',
    );
  }
}

/** The user has as many sessions as `session.maxPerUser` allows, and `session.whenFull` is `'reject'`. Nest answers 409. */
export class SessionLimitException extends SessionException {
  readonly code = 'SESSION_LIMIT';

  constructor(
    readonly userId: string,
    readonly sessions: number,
  ) {
    const told = 'You are logged in too often. Log out on another device.';
    super(
      { status: HttpStatus.CONFLICT, code: 'SESSION_LIMIT', told },
      `The user has ${sessions} sessions and may have no more. Let the user end one of them (list, destroy), ` +
        "or choose session.whenFull: 'evict-oldest'.",
    );
  }
}

/** All sessions of the user were ended after this login had begun. The user must log in again. Nest answers 401. */
export class LoginRevokedException extends SessionException {
  readonly code = 'LOGIN_REVOKED';

  constructor(readonly userId: string) {
    super(
      { status: HttpStatus.UNAUTHORIZED, code: 'LOGIN_REVOKED', told: 'This login was ended. Log in again.' },
      'The sessions of the user were ended while this login was under way (log out everywhere, or newer logins in ' +
        'their place), so it was refused. Begin again with beginLogin and check the password once more.',
    );
  }
}

/** `update` was overtaken by other writers again and again. Nothing was written. Nest answers 409. */
export class SessionConflictException extends SessionException {
  readonly code = 'SESSION_CONFLICT';

  constructor(attempts: number) {
    super(
      { status: HttpStatus.CONFLICT, code: 'SESSION_CONFLICT', told: 'Another request was faster. Try again.' },
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
