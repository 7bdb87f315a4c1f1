import {
  type Duration,
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireObject,
  requireOneOf,
  toMs,
} from '../../core/common/index.js';

export interface SessionCookieOptions {
  /** @default '__Host-sid' */
  readonly name?: string;
  /**
   * `'auto'`: over plain http on localhost the cookie is called `sid` and is not Secure, for development; such an
   * application does not boot with NODE_ENV=production. @default true
   */
  readonly secure?: true | 'auto';
  /** @default 'lax' */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Shares the cookie with subdomains; the name may then not begin with `__Host-`. @default this host alone */
  readonly domain?: string;
  /** @default '/' */
  readonly path?: string;
  /** How long the browser keeps it. @default until the browser is closed */
  readonly maxAge?: Duration;
}

export interface ResolvedCookie {
  readonly name: string;
  readonly secure: true | 'auto';
  readonly sameSite: 'strict' | 'lax' | 'none';
  readonly domain: string | undefined;
  readonly path: string;
  readonly maxAgeMs: number | undefined;
}

const KNOWN = ['name', 'secure', 'sameSite', 'domain', 'path', 'maxAge'];
const DOMAIN = /^\.?[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i;
const COOKIE_PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const COOKIE_NAME = /^[\w!#$%&'*.^`|~+-]+$/;

export function resolveCookie(option: string, options: unknown): ResolvedCookie {
  const given = requireObject(option, options === undefined ? {} : options);
  refuseUnknownKeys(option, given, { known: KNOWN });
  const { name = '__Host-sid', secure = true, sameSite = 'lax', domain, path = '/', maxAge } = given;
  const cookie: ResolvedCookie = {
    name: requireName(`${option}.name`, name),
    secure: requireSecure(`${option}.secure`, secure),
    sameSite: requireOneOf(`${option}.sameSite`, sameSite, ['strict', 'lax', 'none']),
    domain: domain === undefined ? undefined : requireDomain(`${option}.domain`, domain),
    path: requirePath(`${option}.path`, path),
    maxAgeMs: maxAge === undefined ? undefined : toMs(`${option}.maxAge`, maxAge, { min: 1_000 }),
  };
  if (/^__host-/i.test(cookie.name) && (cookie.domain !== undefined || cookie.path !== '/'))
    throw new InvalidOptionError(
      `${option}.name`,
      'begins with __Host-, so browsers refuse it with a domain or another path than "/". Call it __Secure-sid.',
    );
  return cookie;
}

function requireName(option: string, given: unknown): string {
  if (typeof given === 'string' && COOKIE_NAME.test(given)) return given;
  return refuse(option, 'a name for a cookie, such as "__Host-sid"', given);
}

function requireDomain(option: string, given: unknown): string {
  if (typeof given === 'string' && DOMAIN.test(given)) return given;
  return refuse(option, 'a domain, such as "shop.example"', given);
}

function requirePath(option: string, given: unknown): string {
  if (typeof given === 'string' && COOKIE_PATH.test(given)) return given;
  return refuse(option, 'a path that begins with "/" and has no ";"', given);
}

function requireSecure(option: string, given: unknown): true | 'auto' {
  if (given !== true && given !== 'auto') return refuse(option, "true or 'auto'", given);
  if (given === 'auto' && process.env.NODE_ENV === 'production')
    throw new InvalidOptionError(option, "is 'auto', which is for development, and NODE_ENV is production. Remove it.");
  return given;
}
