import type { Provider } from '@nestjs/common';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { HTTP_SESSIONS, HttpSessions, type SessionOptions, SessionService } from '../session/index.js';
import { FakeSessionService } from './fake-session.service.js';

/**
 * Everything a unit test needs in place of the sessions of `RedisCacheModule`: `SessionService` (as
 * {@link FakeSessionService}, which can also be asked for by its own class), and what `@CurrentSession`, `@SessionUser`
 * and the guards need. No socket is opened. Beside `provideFakeRedisCache()` the events are those of that.
 *
 * @param options those of `session` in `forRoot`
 * @example
 * const moduleRef = await Test.createTestingModule({ providers: [Checkout, ...provideFakeSessions()] }).compile();
 * const { token } = await moduleRef.get(FakeSessionService).create({ userId: 'ada' });
 */
export function provideFakeSessions(options: SessionOptions = {}): Provider[] {
  return [
    {
      provide: FakeSessionService,
      inject: [{ token: RedisCacheEvents, optional: true }],
      useFactory: (events?: RedisCacheEvents) => FakeSessionService.create(options, events),
    },
    { provide: SessionService, useExisting: FakeSessionService },
    {
      provide: HTTP_SESSIONS,
      inject: [SessionService],
      useFactory: (sessions: SessionService) => new HttpSessions(sessions),
    },
  ];
}
