import { UnauthorizedException } from '@nestjs/common';
import { isRedisCacheError } from '../../core/common/index.js';
import type { CreateSessionOptions, NewSessionToken, Session, SessionDevice } from '../session.js';
import { fieldOf } from '../session-data.js';
import { SessionUnavailableException } from '../session.errors.js';
import type { SessionService } from '../session.service.js';
import { makeCsrfToken } from './csrf-token.js';
import type { TokenCarrier } from './token-carrier.js';

/**
 * The session of one HTTP request. Redis is asked when it is first used, and once; the cookie goes out with the headers
 * of the response. Every method throws {@link SessionUnavailableException} (503) while Redis is away; with
 * `onUnavailable: 'anonymous'` reading finds no session instead.
 *
 * @example
 * @Post('cart')
 * add(@CurrentSession() session: HttpSession<Shopper>, @Body() { id }: Item) {
 *   return session.update(({ cart = [] }) => ({ cart: [...cart, id] }));
 * }
 */
export class HttpSession<T extends object = Record<string, unknown>> {
  private reading: Promise<Session<T> | undefined> | undefined;
  private known: Session<T> | undefined;
  private beginning: Promise<Session<T>> | undefined;
  private isUnavailable = false;

  /** @internal */
  constructor(
    private readonly sessions: SessionService<T>,
    /** @internal */
    readonly carrier: TokenCarrier,
    private readonly device: SessionDevice,
  ) {}

  /** Known after the session was read, as `SessionGuard` does; undefined before, and when there is none. */
  get id(): string | undefined {
    return this.known?.id;
  }

  /** Who is logged in. Known after the session was read, as `SessionGuard` does; undefined before. */
  get userId(): string | undefined {
    return this.known?.userId;
  }

  /** All of it, as it was when this request first used it, with what this request has written since. */
  read(): Promise<Session<T> | undefined> {
    this.reading ??= this.ask();
    return this.reading.then(() => this.known);
  }

  /** @internal Who is logged in. @throws UnauthorizedException */
  async requireUser(): Promise<string> {
    const session = await this.read();
    if (session?.userId === undefined) throw new UnauthorizedException('Log in first.');
    return session.userId;
  }

  async get<K extends keyof T & string>(field: K): Promise<T[K] | undefined> {
    const session = await this.read();
    return session && fieldOf(session.data, field);
  }

  /**
   * Writes some fields; `undefined` removes one. Where there was no session it makes one, before any login; not for a
   * client without cookies, which would not get its token. False when there is none, or it has ended while this request
   * was under way: nothing was written.
   * @throws SessionTooLargeException, UnsupportedValueError, ResponseSentError
   */
  async set(fields: Partial<T>): Promise<boolean> {
    const isThere = (await this.read()) !== undefined;
    if (!isThere && !this.carrier.isAmbient) return false;
    if (!isThere && this.beginning === undefined) {
      await this.begin({ data: fields });
      return true;
    }
    await this.beginning;
    const isWritten = await this.sessions.set(this.carrier.token!, fields);
    if (isWritten) this.remember({ ...this.known?.data, ...fields });
    return isWritten;
  }

  /**
   * Writes what a function makes of the data as it is now; see `SessionService.update`.
   * @throws SessionConflictException, SessionTooLargeException, UnsupportedValueError, ResponseSentError
   */
  async update(change: (data: Partial<T>) => Partial<T> | Promise<Partial<T>>): Promise<Partial<T> | undefined> {
    const isThere = (await this.read()) !== undefined;
    if (!isThere && !this.carrier.isAmbient) return undefined;
    if (!isThere) await this.begin();
    const data = await this.sessions.update(this.carrier.token!, change);
    if (data !== undefined) this.remember(data);
    return data;
  }

  /** {@link SessionService.beginLogin}, to be called before the password is checked. */
  beginLogin(userId: string): Promise<string> {
    return this.sessions.beginLogin(userId);
  }

  /**
   * Logs a user in: the session goes on under a new token, which is sent as a cookie. Without cookies hand `token` over
   * yourself.
   * @param options `login` is what `beginLogin` gave before the password was checked
   * @throws LoginRevokedException, SessionLimitException, SessionTooLargeException, ResponseSentError
   */
  async login(userId: string, options: Omit<CreateSessionOptions<T>, 'userId'> = {}): Promise<NewSessionToken<T>> {
    this.carrier.requireOpen();
    const device = { ...this.device, ...options.device };
    const { token } = this.carrier;
    const created = await this.sessions.login(token, { ...options, userId, device });
    return this.goOnWith(created);
  }

  /** Ends the session and takes the cookie away. False when there was none. @throws ResponseSentError */
  async logout(): Promise<boolean> {
    this.carrier.requireOpen();
    const { token } = this.carrier;
    if (token === undefined) return false;
    const isEnded = await this.sessions.destroy(token);
    this.carrier.takeAway();
    this.know(undefined);
    return isEnded;
  }

  /**
   * Gives the session a new token. The old one is good for `rotationGrace`, for requests under way.
   * @returns the new token; `'already-rotated'` when another request got it; undefined when there is no session
   * @throws ResponseSentError
   */
  async rotate(): Promise<{ readonly token: string } | 'already-rotated' | undefined> {
    this.carrier.requireOpen();
    const { token } = this.carrier;
    const rotated = token === undefined ? undefined : await this.sessions.rotate(token);
    if (typeof rotated !== 'object') return rotated;
    this.carrier.give(rotated.token);
    this.reading = undefined;
    return rotated;
  }

  /**
   * For a hidden field `_csrf` or the header `x-csrf-token`. Where there was no session it makes one; a client without
   * cookies, which needs no such token, is answered 401 then.
   */
  async csrfToken(): Promise<string> {
    const session = await this.read();
    if (session === undefined && !this.carrier.isAmbient) throw new UnauthorizedException('Log in first.');
    return makeCsrfToken((session ?? (await this.begin())).csrf);
  }

  /** How long ago the user has logged in, in ms; infinite when nobody is. */
  async msSinceLogin(): Promise<number> {
    const session = await this.read();
    return session === undefined ? Number.POSITIVE_INFINITY : this.sessions.msSinceLogin(session);
  }

  private async ask(): Promise<Session<T> | undefined> {
    const { token } = this.carrier;
    if (token === undefined) return undefined;
    try {
      this.known = await this.sessions.get(token);
    } catch (error) {
      if (this.sessions.options.onUnavailable === 'reject' || !isOutage(error)) throw error;
      this.isUnavailable = true;
    }
    return this.known;
  }

  /** Once in a request, also when several of its parts first write at the same time. */
  private begin(options: CreateSessionOptions<T> = {}): Promise<Session<T>> {
    this.beginning ??= this.beginOnce(options).finally(() => (this.beginning = undefined));
    return this.beginning;
  }

  private async beginOnce(options: CreateSessionOptions<T>): Promise<Session<T>> {
    this.carrier.requireOpen();
    // The cookie there is may be good: it is not replaced by that of an empty session.
    if (this.isUnavailable) throw new SessionUnavailableException();
    const created = await this.sessions.create({ device: this.device, ...options });
    return this.goOnWith(created).session;
  }

  private goOnWith(created: NewSessionToken<T>): NewSessionToken<T> {
    this.carrier.give(created.token);
    this.isUnavailable = false;
    this.know(created.session);
    return created;
  }

  private know(session: Session<T> | undefined): void {
    this.known = session;
    this.reading = Promise.resolve(session);
  }

  private remember(data: Partial<T>): void {
    if (this.known !== undefined) this.known = { ...this.known, data };
  }
}

function isOutage(error: unknown): boolean {
  return isRedisCacheError(error, 'SESSION_UNAVAILABLE');
}
