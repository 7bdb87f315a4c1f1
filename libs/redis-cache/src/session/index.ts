export {
  LoginRevokedException,
  ResponseSentError,
  SessionConflictException,
  SessionLimitException,
  SessionTooLargeException,
  SessionUnavailableException,
} from './session.errors.js';
export { type SessionEnd, type SessionEvents } from './session.events.js';
export {
  type ResolvedSessionOptions,
  resolveSessionOptions,
  type SessionEncryptionOptions,
  type SessionOptions,
} from './session.options.js';
export {
  type CreateSessionOptions,
  type LoginOptions,
  type NewSessionToken,
  type Session,
  type SessionDevice,
  type SessionInfo,
  type SessionReference,
} from './session.js';
export { SessionService } from './session.service.js';
export { openSessionStore } from './open-session-store.js';
export { SessionIds } from './session-id.js';
export { CsrfGuard, SkipCsrf } from './http/csrf.guard.js';
export { CurrentSession } from './http/current-session.decorator.js';
export { HttpSession } from './http/http-session.js';
export { HTTP_SESSIONS, HttpSessions } from './http/http-sessions.js';
export { FreshLoginRequiredException, RequireFreshLogin } from './http/require-fresh-login.decorator.js';
export { type SessionCookieOptions } from './http/session-cookie.options.js';
export { SessionUser } from './http/session-user.decorator.js';
export { SessionGuard } from './http/session.guard.js';

// What sessions in memory are made of; see testing/.
export {
  type Creation,
  type FieldChanges,
  type NewSession,
  type ReadRequest,
  type RetiredSession,
  type SessionFields,
  type SessionStore,
  type StoredSession,
  type WriteOutcome,
} from './session-store.js';
