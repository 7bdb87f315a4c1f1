import type { BreakerState } from './circuit-breaker.js';

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
}
