export { LoginRevokedError, SessionConflictError, SessionLimitError, SessionTooLargeError } from './session.errors.js';
export { type SessionEnd, type SessionEvents } from './session.events.js';
export { type ResolvedSessionOptions, resolveSessionOptions, type SessionOptions } from './session.options.js';
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

// What sessions in memory are made of; see testing/.
export {
  type Creation,
  type FieldChanges,
  type NewSession,
  type ReadRequest,
  type SessionFields,
  type SessionStore,
  type StoredSession,
  type WriteOutcome,
} from './session-store.js';
