import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie';
import { headerOf } from './http-exchange.js';
import type { ResolvedCookie } from './session-cookie.options.js';

const LOCAL = /^(localhost|[\w.-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const PLAIN_NAME = 'sid';

/** The cookie of one request: what came, and the header that gives or takes it away. */
export class SessionCookie {
  private readonly isPlain: boolean;

  constructor(
    private readonly options: ResolvedCookie,
    private readonly request: IncomingMessage,
  ) {
    this.isPlain = options.secure === 'auto' && isPlainLocal(request);
  }

  get token(): string | undefined {
    return parseCookie(headerOf(this.request, 'cookie') ?? '')[this.name];
  }

  giving(token: string): string {
    const { maxAgeMs } = this.options;
    return stringifySetCookie({
      ...this.attributes(token),
      ...(maxAgeMs !== undefined && { maxAge: Math.floor(maxAgeMs / 1_000) }),
    });
  }

  takingAway(): string {
    return stringifySetCookie({ ...this.attributes(''), maxAge: 0 });
  }

  private get name(): string {
    return this.isPlain ? PLAIN_NAME : this.options.name;
  }

  private attributes(value: string): SetCookie {
    const { sameSite, path, domain } = this.options;
    const secure = !this.isPlain;
    return { name: this.name, value, path, sameSite, secure, httpOnly: true, ...(domain !== undefined && { domain }) };
  }
}

function isPlainLocal(request: IncomingMessage): boolean {
  const isEncrypted = (request.socket as Partial<TLSSocket>).encrypted === true;
  return !isEncrypted && LOCAL.test(headerOf(request, 'host') ?? '');
}
