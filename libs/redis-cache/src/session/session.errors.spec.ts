import type { HttpException } from '@nestjs/common';
import { isRedisCacheError } from '../core/common/index.js';
import { FreshLoginRequiredException } from './http/require-fresh-login.decorator.js';
import {
  LoginRevokedException,
  SessionConflictException,
  SessionLimitException,
  SessionTooLargeException,
  SessionUnavailableException,
} from './session.errors.js';

const REFUSALS: readonly (readonly [string, number, HttpException])[] = [
  ['LOGIN_REVOKED', 401, new LoginRevokedException('ada')],
  ['FRESH_LOGIN_REQUIRED', 401, new FreshLoginRequiredException(5_000)],
  ['SESSION_LIMIT', 409, new SessionLimitException('ada', 3)],
  ['SESSION_CONFLICT', 409, new SessionConflictException(50)],
  ['SESSION_TOO_LARGE', 413, new SessionTooLargeException(70_000, 65_536)],
  ['SESSION_UNAVAILABLE', 503, new SessionUnavailableException()],
];

it.each(REFUSALS)('%s is known by that code, and answered with %i', (code, status, error) => {
  expect(isRedisCacheError(error, code)).toBe(true);
  expect(error.name).toBe(error.constructor.name);
  expect(error.getStatus()).toBe(status);
  expect(error.getResponse()).toMatchObject({ statusCode: status, code, message: expect.any(String) });
});

it('the message is for the developer, and the body for the client', () => {
  const error = new SessionTooLargeException(70_000, 65_536);
  expect(error.message).toContain('session.maxSize is 65536');
  expect(JSON.stringify(error.getResponse())).not.toContain('maxSize');
});
