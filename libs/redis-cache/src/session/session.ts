/** Where a session is used, for the user to know it again in a list. Each text is cut after 512 characters. */
export interface SessionDevice {
  /** What the user calls it. */
  readonly name?: string;
  readonly userAgent?: string;
  readonly ip?: string;
}

/** What is known of every session. */
export interface SessionInfo {
  /** Made from the token by a one-way function: may be shown and logged. A rotation changes it. */
  readonly id: string;
  /** Missing before the login. */
  readonly userId: string | undefined;
  readonly createdAt: Date;
  /** Up to `touchInterval` earlier than its last use. */
  readonly lastSeenAt: Date;
  /** When the user has proven who it is. Missing before the login. */
  readonly loggedInAt: Date | undefined;
  /** When it is gone if it is not used until then. */
  readonly expiresAt: Date;
  readonly device: SessionDevice;
}

/** A session with its data, as it was when it was read. */
export interface Session<T extends object = Record<string, unknown>> extends SessionInfo {
  readonly data: Partial<T>;
  /** @internal */
  readonly csrf: string;
  /** @internal */
  readonly version: string;
}

/** What a login or `create` gives: the token is for the client alone and is found nowhere else. */
export interface NewSessionToken<T extends object = Record<string, unknown>> {
  readonly token: string;
  readonly session: Session<T>;
}

export interface CreateSessionOptions<T extends object = Record<string, unknown>> {
  /** @default nobody: a session before the login */
  readonly userId?: string;
  readonly data?: Partial<T>;
  readonly device?: SessionDevice;
  /** What `beginLogin` gave before the password was checked: refuses a login that "log out everywhere" overtook. */
  readonly login?: string;
}

/** A login needs to say who has logged in. */
export type LoginOptions<T extends object = Record<string, unknown>> = CreateSessionOptions<T> & {
  readonly userId: string;
};

/** One session of a user, by what `list` has told. */
export interface SessionReference {
  readonly userId: string;
  readonly id: string;
}
