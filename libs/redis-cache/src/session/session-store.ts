/** The fields of a session as bytes, by name. */
export type SessionFields = ReadonlyMap<string, Buffer>;

/** A session as it lies in the store. Times are those of the store's clock. */
export interface StoredSession {
  /** Where it is now; after a rotation another one than it was asked for by. */
  readonly id: string;
  readonly userId: string | undefined;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly expiresMs: number;
  /** Counts its writes. */
  readonly version: string;
  readonly csrf: string;
  readonly device: Buffer;
  readonly fields: SessionFields;
}

export interface NewSession {
  readonly userId: string | undefined;
  /** That of the user when the login began; undefined: any. */
  readonly generation: string | undefined;
  readonly csrf: string;
  readonly device: Buffer;
  readonly fields: SessionFields;
  /** A session that ends when this one begins, and does not count any more. */
  readonly replaces: string | undefined;
}

export type Creation =
  | {
      readonly status: 'created';
      readonly createdMs: number;
      readonly expiresMs: number;
      readonly evicted: readonly string[];
    }
  | { readonly status: 'revoked' | 'destroyed' }
  | { readonly status: 'full' | 'too-large'; readonly count: number };

export interface FieldChanges {
  readonly set: SessionFields;
  readonly unset: readonly string[];
  /** Only if nobody has written since. */
  readonly version?: string;
  /** @default session.maxSize */
  readonly maxSize?: number;
}

/** The session before a login. */
export interface RetiredSession {
  /** Where it was. */
  readonly id: string;
  readonly userId: string | undefined;
  /** None if it was another user's. */
  readonly fields: SessionFields;
}

export type WriteOutcome =
  | { readonly status: 'written' | 'conflict' | 'frozen' | 'gone' | 'unknown' }
  | { readonly status: 'too-large'; readonly count: number };

export interface ReadRequest {
  /** `'now'` notes its use even if that was done a moment ago. */
  readonly touch: 'when-due' | 'now';
  /** @default all */
  readonly fields?: readonly string[];
}

/** Where sessions are kept. Ids come from tokens and are no secret. */
export interface SessionStore {
  /** Returns what the store does with sessions when its memory is full, if it tells. */
  open(): Promise<string | undefined>;
  /** Redis's time in ms. */
  now(): number;
  /** Undefined when there is none (any more). */
  read(id: string, request: ReadRequest): Promise<StoredSession | undefined>;
  create(id: string, session: NewSession): Promise<Creation>;
  write(id: string, changes: FieldChanges): Promise<WriteOutcome>;
  rotate(id: string, nextId: string): Promise<'rotated' | 'already-rotated' | 'gone'>;
  /** Ends a session that a login has replaced. Undefined when there was none (any more). */
  retire(
    id: string,
    login: { readonly userId: string; readonly successor: string },
  ): Promise<RetiredSession | undefined>;
  /** Returns where it was and whose; undefined when there was none, or it is not the owner's. */
  destroy(id: string, owner: string | undefined): Promise<{ id: string; userId: string | undefined } | undefined>;
  /** Returns the ids of those it has ended. */
  destroyAll(userId: string, except: string | undefined): Promise<readonly string[]>;
  destroyEveryone(): Promise<void>;
  list(userId: string): Promise<readonly StoredSession[]>;
  generationOf(userId: string): Promise<string>;
}
