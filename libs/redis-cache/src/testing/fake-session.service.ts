import { RedisCacheEvents } from '../redis-cache.events.js';
import { resolveSessionOptions, SessionIds, type SessionOptions, SessionService } from '../session/index.js';
import type { Duration } from '../core/common/index.js';
import { FakeClock } from './fake-clock.js';
import { MemorySessions } from './memory-sessions.js';

/**
 * Sessions in the memory of the test, without Redis and without a socket. It does what {@link SessionService} does: tokens,
 * timeouts, rotation, limits. Time stands still until {@link advance}. Outages do not happen in it.
 *
 * Tests get it from `provideFakeSessions()`, or make one with {@link create}.
 */
export class FakeSessionService<T extends object = Record<string, unknown>> extends SessionService<T> {
  /** @internal */
  constructor(
    options: SessionOptions,
    events: RedisCacheEvents,
    private readonly clock: FakeClock,
  ) {
    const resolved = resolveSessionOptions('session', options);
    super(new MemorySessions(clock, resolved), new SessionIds(resolved.secret), resolved, events);
  }

  /**
   * No sessions yet.
   * @param options those of `session` in `forRoot`
   * @param events where it tells what happens. @default events of its own
   * @example const sessions = FakeSessionService.create<Shopper>({ idleTimeout: '5m' });
   */
  static create<T extends object = Record<string, unknown>>(
    options: SessionOptions = {},
    events: RedisCacheEvents = new RedisCacheEvents(),
  ): FakeSessionService<T> {
    return new FakeSessionService<T>(options, events, new FakeClock());
  }

  /**
   * Lets time go by: what was not used for the idle timeout is gone, and old tokens after the grace.
   * @param duration a number is milliseconds
   * @example sessions.advance('31m');
   * @throws InvalidOptionError
   */
  advance(duration: Duration): void {
    this.clock.advance(duration);
  }
}
