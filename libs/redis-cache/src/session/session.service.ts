import { randomBytes } from 'node:crypto';
import type { OnModuleInit } from '@nestjs/common';
import type { EventBus } from '../core/events/index.js';
import { SessionConflictException, SessionTooLargeException } from './session.errors.js';
import type { SessionEvents } from './session.events.js';
import type { ResolvedSessionOptions } from './session.options.js';
import type {
  CreateSessionOptions,
  LoginOptions,
  NewSessionToken,
  Session,
  SessionInfo,
  SessionReference,
} from './session.js';
import { requireCreated, requireFields, requireUserId } from './session-checks.js';
import { fieldOf, SessionData } from './session-data.js';
import { isSessionId, type SessionIds } from './session-id.js';
import type { SessionStore } from './session-store.js';
import { overtaken } from './overtaken.js';

const CSRF_BYTES = 18;
const MOST_UPDATES = 50;

/**
 * Sessions that stay ended. Each has a token, which only the client has; Redis has its hash. `T` is what a session may
 * hold, and each field of it is written by itself.
 *
 * @example
 * const login = await sessions.beginLogin(user.id);
 * if (!(await user.hasPassword(password))) throw new UnauthorizedException();
 * const { token } = await sessions.create({ userId: user.id, login });
 * const session = await sessions.get(token);
 */
export class SessionService<T extends object = Record<string, unknown>> implements OnModuleInit {
  private readonly codec: SessionData<T>;

  /** @internal */
  constructor(
    private readonly store: SessionStore,
    private readonly ids: SessionIds,
    /** @internal */
    readonly options: ResolvedSessionOptions,
    private readonly events: EventBus<SessionEvents>,
  ) {
    this.codec = new SessionData<T>(options, events);
  }

  /** An application that did not ask for sessions opens no connection for them. */
  async onModuleInit(): Promise<void> {
    if (!this.options.isConfigured) return;
    const policy = await this.store.open();
    if (policy === undefined || policy === 'noeviction') return;
    this.events.publish('session:evictable', { connection: this.options.connection, policy });
  }

  /**
   * To be called before the password is checked: what it returns, given to `create` or `login`, has the login refused
   * when all sessions of the user were ended in between.
   * @throws SessionUnavailableException
   */
  async beginLogin(userId: string): Promise<string> {
    return this.store.generationOf(requireUserId(userId));
  }

  /**
   * Makes a session with a new token.
   * @throws LoginRevokedException, SessionLimitException, SessionTooLargeException, UnsupportedValueError, SessionUnavailableException
   */
  async create(options: CreateSessionOptions<T> = {}): Promise<NewSessionToken<T>> {
    return this.createInPlaceOf(undefined, options);
  }

  /**
   * Logs a user in: the data moves from the session before to a new one with a new token, and the old one ends. Until
   * `rotationGrace` has passed the old token still reads the session as it was before the login; its writes are refused.
   * Data of another user does not move.
   *
   * @param token of the session before, if there is one
   * @throws LoginRevokedException, SessionLimitException, SessionTooLargeException, UnsupportedValueError, SessionUnavailableException
   */
  async login(token: string | undefined, options: LoginOptions<T>): Promise<NewSessionToken<T>> {
    const userId = requireUserId(options.userId);
    const old = token === undefined ? undefined : this.ids.idOf(token);
    const created = await this.createInPlaceOf(old, options);
    if (old === undefined) return created;
    try {
      return { ...created, session: await this.inherit(old, created.session, userId) };
    } catch (error) {
      await this.end(created.session.id, { reason: 'login' }).catch(() => undefined); // nobody has its token
      throw error;
    }
  }

  /**
   * Reads a session and keeps it alive; undefined when there is none (any more).
   * @throws SessionUnavailableException
   */
  get(token: string): Promise<Session<T> | undefined> {
    return this.read(token, { touch: 'when-due' });
  }

  /** Reads a single field, and keeps the session alive. @throws SessionUnavailableException */
  async getField<K extends keyof T & string>(token: string, field: K): Promise<T[K] | undefined> {
    const session = await this.read(token, { touch: 'when-due', fields: [field] });
    return session && fieldOf(session.data, field);
  }

  /**
   * Writes some fields and leaves the others as they are; `undefined` removes one. False when there is no session (any
   * more), or a login has replaced it: nothing was written.
   * @throws SessionTooLargeException, UnsupportedValueError, SessionUnavailableException
   */
  async set(token: string, fields: Partial<T>): Promise<boolean> {
    const id = this.ids.idOf(token);
    if (id === undefined) return false;
    return this.isWritten(await this.store.write(id, this.codec.encode(requireFields(fields))));
  }

  /** Removes fields. False when there is no session (any more). @throws SessionUnavailableException */
  async unset(token: string, ...fields: readonly (keyof T & string)[]): Promise<boolean> {
    const id = this.ids.idOf(token);
    if (id === undefined) return false;
    return this.isWritten(await this.store.write(id, { set: new Map(), unset: fields }));
  }

  /**
   * Writes what a function makes of the data as it is. It is called again when somebody else has written meanwhile.
   *
   * @param change returns the fields to write. It may be called several times
   * @returns the data as written; undefined when there is no session (any more)
   * @throws SessionConflictException, SessionTooLargeException, UnsupportedValueError, SessionUnavailableException
   * @example await sessions.update(token, ({ cart = [] }) => ({ cart: [...cart, productId] }));
   */
  async update(
    token: string,
    change: (data: Partial<T>) => Partial<T> | Promise<Partial<T>>,
  ): Promise<Partial<T> | undefined> {
    for (let attempt = 1; attempt <= MOST_UPDATES; attempt += 1) {
      const session = await this.get(token);
      if (session === undefined) return undefined;
      const changes = requireFields(await change(session.data));
      const { version } = session;
      const outcome = await this.store.write(session.id, { ...this.codec.encode(changes), version });
      if (outcome.status === 'conflict') await overtaken(attempt);
      else return this.isWritten(outcome) ? { ...session.data, ...changes } : undefined;
    }
    throw new SessionConflictException(MOST_UPDATES);
  }

  /** Keeps a session alive now, also within `touchInterval`. False when there is none. @throws SessionUnavailableException */
  async touch(token: string): Promise<boolean> {
    return (await this.read(token, { touch: 'now', fields: [] })) !== undefined;
  }

  /**
   * Gives a session a new token. The old one is good until `rotationGrace` has passed, for requests under way.
   *
   * @returns the new token; `'already-rotated'` when another request has just done it and got the token; undefined
   * when there is no session (any more)
   * @throws SessionUnavailableException
   */
  async rotate(token: string): Promise<{ readonly token: string } | 'already-rotated' | undefined> {
    const id = this.ids.idOf(token);
    if (id === undefined) return undefined;
    const next = this.ids.newTokenBeside(id);
    const nextId = this.ids.idOf(next)!;
    const outcome = await this.store.rotate(id, nextId);
    if (outcome === 'gone') return undefined;
    if (outcome === 'already-rotated') return (await this.touch(token)) ? outcome : undefined;
    this.events.publish('session:rotated', { id: nextId, previousId: id });
    return { token: next };
  }

  /**
   * Ends a session for good: the one of a token (a logout), or one of a user by its id (a device in a list). False when
   * there was none, or it is another user's.
   * @throws SessionUnavailableException
   */
  async destroy(session: string | SessionReference): Promise<boolean> {
    if (typeof session !== 'string') return this.revoke(session);
    const id = this.ids.idOf(session);
    return id !== undefined && this.end(id, { reason: 'logout' });
  }

  /** The sessions of a user, the last used one first. @throws SessionUnavailableException */
  async list(userId: string): Promise<SessionInfo[]> {
    const found = await this.store.list(requireUserId(userId));
    return found.map((stored) => this.codec.infoOf(stored)).sort((one, other) => +other.lastSeenAt - +one.lastSeenAt);
  }

  /** How many sessions a user has. @throws SessionUnavailableException */
  async count(userId: string): Promise<number> {
    return (await this.store.list(requireUserId(userId))).length;
  }

  /**
   * Logs a user out everywhere, in one step: no session that began before is left, and a login under way is refused.
   *
   * @param options `except` is the id of a session that stays
   * @returns how many it has ended
   * @throws SessionUnavailableException
   */
  async destroyAll(userId: string, { except }: { readonly except?: string } = {}): Promise<number> {
    const ended = await this.store.destroyAll(requireUserId(userId), except);
    for (const id of ended) this.events.publish('session:destroyed', { id, userId, reason: 'revoked' });
    return ended.length;
  }

  /**
   * Ends all sessions of all users, also those before a login, and refuses logins under way. It costs 256 small scripts,
   * however many sessions there are; what is left of them expires by itself.
   * @throws SessionUnavailableException
   */
  async destroyEveryone(): Promise<void> {
    await this.store.destroyEveryone();
    this.events.publish('session:everyone-destroyed', {});
  }

  /** @internal How long ago the user has proven who it is, by Redis's clock. */
  msSinceLogin({ loggedInAt }: SessionInfo): number {
    return loggedInAt === undefined ? Number.POSITIVE_INFINITY : this.store.now() - loggedInAt.getTime();
  }

  private async read(
    token: string,
    request: { readonly touch: 'when-due' | 'now'; readonly fields?: readonly string[] },
  ): Promise<Session<T> | undefined> {
    const id = this.ids.idOf(token);
    const stored = id === undefined ? undefined : await this.store.read(id, request);
    if (stored === undefined) {
      if (id !== undefined) this.events.publish('session:unknown-token', { id });
      return undefined;
    }
    const session = this.codec.sessionOf(stored);
    if (await this.options.validate(session)) return session;
    await this.end(session.id, { reason: 'invalid' });
    return undefined;
  }

  private async createInPlaceOf(
    old: string | undefined,
    { userId, data = {}, device = {}, login }: CreateSessionOptions<T>,
  ): Promise<NewSessionToken<T>> {
    if (userId !== undefined) requireUserId(userId);
    const token = this.ids.newToken(userId);
    const id = this.ids.idOf(token)!;
    const fields = this.codec.encode(requireFields(data)).set;
    const csrf = randomBytes(CSRF_BYTES).toString('base64url');
    const wanted = { userId, csrf, device: this.codec.encodeDevice(device), fields };
    const creation = await this.store.create(id, { ...wanted, generation: login, replaces: old });
    const { createdMs, expiresMs, evicted } = requireCreated(creation, { userId, maxSize: this.options.maxSize });
    for (const other of evicted) this.events.publish('session:destroyed', { id: other, userId, reason: 'evicted' });
    this.events.publish('session:created', { id, userId });
    const times = { createdMs, seenMs: createdMs, expiresMs };
    return { token, session: this.codec.sessionOf({ id, ...wanted, ...times, version: '0' }) };
  }

  /**
   * The old session ends, and the new one gets all that it had; what the login itself has set stays. Together they may be
   * larger than `maxSize`: when that is found, the old session has ended.
   */
  private async inherit(old: string, session: Session<T>, userId: string): Promise<Session<T>> {
    const retired = await this.store.retire(old, { userId, successor: session.id });
    if (retired === undefined) return session;
    this.events.publish('session:destroyed', { id: retired.id, userId: retired.userId, reason: 'login' });
    const inherited = new Map([...retired.fields].filter(([name]) => !Object.hasOwn(session.data, name)));
    if (inherited.size === 0) return session;
    await this.store.write(session.id, { set: inherited, unset: [], maxSize: Number.MAX_SAFE_INTEGER });
    const data = this.codec.decode(session.id, inherited);
    return { ...session, version: '1', data: { ...data, ...session.data } };
  }

  /** Of the id that a request has sent anything may be true. */
  private async revoke({ id, userId }: SessionReference): Promise<boolean> {
    const owner = requireUserId(userId);
    return isSessionId(id) && this.end(id, { reason: 'revoked', owner });
  }

  private async end(
    asked: string,
    { reason, owner }: { readonly reason: 'logout' | 'revoked' | 'login' | 'invalid'; readonly owner?: string },
  ): Promise<boolean> {
    const ended = await this.store.destroy(asked, owner);
    if (ended === undefined) return false;
    this.events.publish('session:destroyed', { ...ended, reason });
    return true;
  }

  private isWritten(outcome: Awaited<ReturnType<SessionStore['write']>>): boolean {
    if (outcome.status === 'too-large') throw new SessionTooLargeException(outcome.count, this.options.maxSize);
    return outcome.status === 'written';
  }
}
