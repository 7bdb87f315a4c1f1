interface SessionEvent {
  /** Made from the token by a one-way function: it may be logged. */
  readonly id: string;
  readonly userId: string | undefined;
}

/**
 * Why a session was ended: its own user left (`logout`), somebody ended it (`revoked`), the user had too many
 * (`evicted`), a login has replaced it (`login`), or `session.validate` refused it (`invalid`).
 */
export type SessionEnd = 'logout' | 'revoked' | 'evicted' | 'login' | 'invalid';

/** What happened to sessions, told in the process that did it. No event holds a token or data. */
export interface SessionEvents {
  'session:created': SessionEvent;
  'session:rotated': { readonly id: string; readonly previousId: string };
  'session:destroyed': SessionEvent & { readonly reason: SessionEnd };
  /** All sessions of all users were ended. */
  'session:everyone-destroyed': object;
  /** A token that looks right belongs to no session: expired, ended, or made up. */
  'session:unknown-token': { readonly id: string };
  /** A field could not be read back. It reads as missing. */
  'session:undecodable': { readonly id: string; readonly field: string; readonly error: unknown };
  /** Redis may remove sessions and what ends them when its memory is full. */
  'session:evictable': { readonly connection: string; readonly policy: string };
}
