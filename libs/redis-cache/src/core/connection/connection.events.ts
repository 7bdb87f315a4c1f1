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
}
