/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import { UseGuards } from '@nestjs/common';
import {
  CsrfGuard,
  CurrentSession,
  HttpSession,
  isRedisCacheError,
  type NewSessionToken,
  type RedisCacheOptions,
  RequireFreshLogin,
  type Session,
  SessionGuard,
  type SessionInfo,
  type SessionOptions,
  SessionService,
  SessionUser,
  SkipCsrf,
} from 'nestjs-redis-cache';
import { FakeSessionService } from 'nestjs-redis-cache/testing';

interface Shopper {
  readonly name: string;
  readonly cart: readonly string[];
  readonly visits: number;
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare const sessions: SessionService<Shopper>;
declare const anything: SessionService;
declare const http: HttpSession<Shopper>;
declare const token: string;
declare const info: SessionInfo;
declare function session(given: SessionOptions): void;
declare function options(given: RedisCacheOptions): void;
/** Compiles only when the value has exactly the expected type. */
declare function is<Expected>(): <Actual>(
  value: Actual,
  ...proof: Same<Actual, Expected> extends true ? [] : [never]
) => void;

// The service.
is<Promise<NewSessionToken<Shopper>>>()(sessions.create());
is<Promise<NewSessionToken<Shopper>>>()(
  sessions.create({ userId: 'ada', data: { cart: [] }, device: { name: 'desk' } }),
);
is<Promise<NewSessionToken<Shopper>>>()(sessions.login(undefined, { userId: 'ada', login: token }));
is<Promise<Session<Shopper> | undefined>>()(sessions.get(token));
is<Promise<readonly string[] | undefined>>()(sessions.getField(token, 'cart'));
is<Promise<boolean>>()(sessions.set(token, { visits: 1, name: undefined }));
is<Promise<boolean>>()(sessions.unset(token, 'cart', 'name'));
is<Promise<Partial<Shopper> | undefined>>()(sessions.update(token, ({ visits = 0 }) => ({ visits: visits + 1 })));
is<Promise<Partial<Shopper> | undefined>>()(sessions.update(token, async () => ({ cart: [] })));
is<Promise<{ readonly token: string } | 'already-rotated' | undefined>>()(sessions.rotate(token));
is<Promise<boolean>>()(sessions.touch(token));
is<Promise<boolean>>()(sessions.destroy(token));
is<Promise<boolean>>()(sessions.destroy({ userId: 'ada', id: info.id }));
is<Promise<SessionInfo[]>>()(sessions.list('ada'));
is<Promise<number>>()(sessions.count('ada'));
is<Promise<number>>()(sessions.destroyAll('ada', { except: info.id }));
is<Promise<string>>()(sessions.beginLogin('ada'));
is<Promise<void>>()(sessions.destroyEveryone());
is<Promise<unknown>>()(anything.getField(token, 'whatever'));
void anything.set(token, { whatever: new Date(0) });

// @ts-expect-error -- no such field
void sessions.create({ data: { basket: [] } });
// @ts-expect-error -- the field holds something else
void sessions.create({ data: { cart: 'tea' } });
// @ts-expect-error -- a user is named by a text
void sessions.create({ userId: 7 });
// @ts-expect-error -- unknown option
void sessions.create({ user: 'ada' });
// @ts-expect-error -- a login says who it is
void sessions.login(token, {});
// @ts-expect-error -- whether there was a session before must be said
void sessions.login({ userId: 'ada' });
// @ts-expect-error -- no such field
void sessions.getField(token, 'basket');
// @ts-expect-error -- no such field
void sessions.set(token, { basket: [] });
// @ts-expect-error -- the field holds something else
void sessions.set(token, { visits: '1' });
// @ts-expect-error -- no such field
void sessions.unset(token, 'basket');
// @ts-expect-error -- no such field
void sessions.update(token, () => ({ basket: [] }));
// @ts-expect-error -- it may be missing
void sessions.update(token, ({ visits }) => ({ visits: visits + 1 }));
// @ts-expect-error -- the id alone does not say whose it is
void sessions.destroy({ id: info.id });
// @ts-expect-error -- unknown option
void sessions.destroyAll('ada', { but: info.id });
// @ts-expect-error -- who a session belongs to is for login to say
info.userId = 'eve';
declare const found: Session<Shopper>;
// @ts-expect-error -- what is written to it would reach nobody
found.data = {};

// In a controller.
is<Promise<readonly string[] | undefined>>()(http.get('cart'));
is<Promise<boolean>>()(http.set({ visits: 1 }));
is<Promise<Partial<Shopper> | undefined>>()(http.update(({ cart = [] }) => ({ cart: [...cart, 'tea'] })));
is<Promise<NewSessionToken<Shopper>>>()(http.login('ada', { login: token }));
is<Promise<boolean>>()(http.logout());
is<Promise<string>>()(http.csrfToken());
is<string | undefined>()(http.userId);
// @ts-expect-error -- no such field
void http.get('basket');
// @ts-expect-error -- no such field
void http.set({ basket: [] });
// @ts-expect-error -- the user stands before the options
void http.login({ userId: 'ada' });
// @ts-expect-error -- who is logged in is for login to say
http.userId = 'eve';

@UseGuards(SessionGuard, CsrfGuard)
@RequireFreshLogin('5m')
export class Guarded {
  @RequireFreshLogin(300_000)
  @SkipCsrf()
  change(@SessionUser() _user: string, @CurrentSession() _session: HttpSession<Shopper>): void {}

  // @ts-expect-error -- how old a login may be must be said
  @RequireFreshLogin()
  // @ts-expect-error -- words instead of a unit
  @RequireFreshLogin('5 minutes')
  // @ts-expect-error -- which user is not for the method to say
  wrong(@SessionUser('ada') _user: string): void {}
}

// Options.
session({});
session({ idleTimeout: '15m', absoluteTimeout: '8h', touchInterval: 0, rotationGrace: '5s', maxSize: 10_000 });
session({ maxPerUser: 3, whenFull: 'reject', validate: async ({ userId }) => userId !== 'eve' });
session({ encryption: { keys: [token] }, secret: token, connection: 'durable', classes: [Date] });
session({ cookie: { name: '__Secure-sid', domain: 'shop.example', secure: 'auto', sameSite: 'strict', maxAge: '7d' } });
session({ cookie: false, bearer: true, onUnavailable: 'anonymous' });
options({ connection: { url: token }, session: { idleTimeout: '15m' } });
// @ts-expect-error -- unknown option
options({ connection: { url: token }, session: { idle: '15m' } });
// @ts-expect-error -- words instead of a unit
session({ idleTimeout: '15 minutes' });
// @ts-expect-error -- not one of the two
session({ whenFull: 'newest' });
// @ts-expect-error -- not one of the two
session({ onUnavailable: 'allow' });
// @ts-expect-error -- a cookie that is not Secure exists for development only
session({ cookie: { secure: false } });
// @ts-expect-error -- a cookie that scripts can read does not exist
session({ cookie: { httpOnly: false } });
// @ts-expect-error -- as in the standard, but in small letters
session({ cookie: { sameSite: 'Lax' } });
// @ts-expect-error -- false or options
session({ cookie: true });
// @ts-expect-error -- a ring has keys
session({ encryption: {} });
// @ts-expect-error -- keys are texts
session({ encryption: { keys: [Buffer.alloc(32)] } });
// @ts-expect-error -- it answers yes or no
session({ validate: () => 'yes' });

// In tests.
const fake = FakeSessionService.create<Shopper>({ idleTimeout: '1m' });
is<FakeSessionService<Shopper>>()(fake);
export const asService: SessionService<Shopper> = fake;
fake.advance('31m');
// @ts-expect-error -- words instead of a unit
fake.advance('31 minutes');
// @ts-expect-error -- no such field
void fake.set(token, { basket: [] });

// Errors.
export function outageOf(error: unknown): unknown {
  if (!isRedisCacheError(error, 'SESSION_UNAVAILABLE')) return undefined;
  is<'SESSION_UNAVAILABLE'>()(error.code);
  return error.cause;
}
