import { refuse, requireObject } from '../core/common/index.js';
import { assertKey } from '../core/keys/index.js';
import { LoginRevokedException, SessionLimitException, SessionTooLargeException } from './session.errors.js';
import type { Creation } from './session-store.js';

/** @throws InvalidOptionError, InvalidKeyError */
export function requireUserId(userId: unknown): string {
  if (typeof userId !== 'string' || userId === '') return refuse('userId', 'a string that is not empty', userId);
  assertKey(userId);
  return userId;
}

export function requireFields<Fields extends object>(fields: Fields): Fields {
  requireObject('The fields of a session', fields);
  return fields;
}

/** What was made; the reasons why not are errors. */
export function requireCreated(
  creation: Creation,
  { userId = '', maxSize }: { readonly userId: string | undefined; readonly maxSize: number },
): Creation & { readonly status: 'created' } {
  switch (creation.status) {
    case 'created':
      return creation;
    case 'full':
      throw new SessionLimitException(userId, creation.count);
    case 'too-large':
      throw new SessionTooLargeException(creation.count, maxSize);
    default:
      throw new LoginRevokedException(userId);
  }
}
