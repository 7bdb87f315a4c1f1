import onHeaders from 'on-headers';
import { ResponseSentError } from '../session.errors.js';
import type { ResolvedSessionOptions } from '../session.options.js';
import { headerOf, type HttpExchange } from './http-exchange.js';
import { SessionCookie } from './session-cookie.js';

const OF_ONE_CLIENT = /\b(no-store|private)\b(?!=)/i;
const BEARER = /^Bearer +(\S+)$/i;

/** How the token of a request came, and how another one goes back: as a cookie, or with `bearer` in your own answer. */
export class TokenCarrier {
  private readonly bearer: string | undefined;
  private readonly cookie: SessionCookie | undefined;
  private given: string | undefined;
  private outgoing: string | undefined;

  constructor(
    private readonly exchange: HttpExchange,
    options: Pick<ResolvedSessionOptions, 'cookie' | 'bearer'>,
  ) {
    const { request } = exchange;
    this.bearer = options.bearer ? BEARER.exec(headerOf(request, 'authorization') ?? '')?.[1] : undefined;
    this.cookie = options.cookie === undefined ? undefined : new SessionCookie(options.cookie, request);
    this.given = this.bearer ?? this.cookie?.token;
  }

  get token(): string | undefined {
    return this.given;
  }

  /** Whether a browser sends the token by itself, also when another site has made it send the request. */
  get isAmbient(): boolean {
    return this.bearer === undefined && this.cookie !== undefined;
  }

  /** @throws ResponseSentError: it must be asked before anything is made whose token could not be handed over */
  requireOpen(): void {
    if (this.isAmbient && this.exchange.response.headersSent) throw new ResponseSentError();
  }

  give(token: string): void {
    this.given = token;
    if (this.isAmbient) this.send(this.cookie?.giving(token));
  }

  takeAway(): void {
    this.given = undefined;
    if (this.isAmbient) this.send(this.cookie?.takingAway());
  }

  /** Only the last word counts: it is put on the answer when its headers are written. */
  private send(cookie: string | undefined): void {
    const { response } = this.exchange;
    if (this.outgoing === undefined)
      onHeaders(response, () => {
        response.appendHeader('Set-Cookie', this.outgoing!);
        // A shared cache would give one client's cookie to all.
        const caching = String(response.getHeader('Cache-Control'));
        if (!OF_ONE_CLIENT.test(caching)) response.setHeader('Cache-Control', 'no-store');
      });
    this.outgoing = cookie;
  }
}
