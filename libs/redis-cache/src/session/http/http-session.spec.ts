import { SessionUnavailableException } from '../session.errors.js';
import type { SessionService } from '../session.service.js';
import { HttpSession } from './http-session.js';
import type { TokenCarrier } from './token-carrier.js';

it('a session that could not be read is not replaced by an empty one, although Redis is back', async () => {
  const made: unknown[] = [];
  const given: string[] = [];
  const sessions = {
    options: { onUnavailable: 'anonymous' },
    get: () => Promise.reject(new SessionUnavailableException()),
    create: async (options: unknown) => (made.push(options), { token: 'new', session: { data: {} } }),
  };
  const carrier = {
    token: 'old',
    isAmbient: true,
    requireOpen: () => undefined,
    give: (token: string) => given.push(token),
  };
  const session = new HttpSession(sessions as unknown as SessionService, carrier as unknown as TokenCarrier, {});

  expect(await session.get('cart')).toBeUndefined();
  await expect(session.set({ cart: [] })).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE', status: 503 });
  await expect(session.csrfToken()).rejects.toMatchObject({ code: 'SESSION_UNAVAILABLE', status: 503 });
  expect([made, given]).toEqual([[], []]);
});
