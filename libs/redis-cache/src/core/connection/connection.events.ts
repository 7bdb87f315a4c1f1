import type { BreakerState } from './circuit-breaker.js';
import type { VoidReason } from './coherence.js';

interface ConnectionEvent {
  /** The connection's name: `default`, or one of those given in `connections`. */
  readonly connection: string;
  /** Host and port, or the socket's path; never a password. */
  readonly address: string;
}

/** What connections tell; each is published once per change. */
export interface ConnectionEvents {
  'connection:up': ConnectionEvent;
  'connection:down': ConnectionEvent & { readonly cause: unknown };
  /**
   * Whether calls of the cache go to a server: `open`, they fail at once, because it has not answered several times;
   * `half-open`, it is being asked; `closed`, they do. `address` is that of the server.
   */
  'connection:breaker': ConnectionEvent & { readonly state: BreakerState };
  /** Redis tells from now on what changes under these prefixes: copies in memory may be kept (`l1`). */
  'connection:tracking-armed': ConnectionEvent & { readonly prefixes: readonly string[] };
  /** Changes may have been missed: all copies in memory were dropped, and none is kept until it is armed again. */
  'connection:tracking-voided': ConnectionEvent & { readonly reason: VoidReason };
  /**
   * Redis does not tell what changes: no permission, or a proxy, also one behind which each connection leads to another
   * server. It is tried again now and then. No copies are kept in memory; all else works.
   */
  'connection:tracking-refused': ConnectionEvent & { readonly cause: unknown };
}
