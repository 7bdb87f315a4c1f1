import type { Duration } from '../core/common/index.js';
import type { EventBus } from '../core/events/index.js';
import { KeySpace } from '../core/keys/index.js';
import {
  DeniedCallers,
  MemoryLimits,
  type RateLimitEvents,
  RateLimiter,
  RateLimitKeys,
  type RateLimitOptions,
  RateLimitService,
  resolveRateLimitOptions,
} from '../rate-limit/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { FakeClock } from './fake-clock.js';

/**
 * Rate limits in the memory of the test, by the same rules, without Redis and without a socket. Time stands still until
 * {@link advance}. Tests get it from `provideFakeRedisCache()` or `provideFakeRateLimits()`, together with what
 * `RateLimitGuard` needs, or make one with {@link create}.
 */
export class FakeRateLimitService extends RateLimitService {
  /** @internal */
  constructor(
    limiter: RateLimiter,
    private readonly clock: FakeClock,
  ) {
    super(limiter);
  }

  /**
   * Nothing counted yet.
   *
   * @param options those of `rateLimit` in `forRoot`
   * @param events where it tells what happens. @default events of its own
   * @throws InvalidOptionError
   * @example const limits = FakeRateLimitService.create();
   */
  static create(
    options: RateLimitOptions = {},
    events: EventBus<RateLimitEvents> = new RedisCacheEvents(),
  ): FakeRateLimitService {
    const { timeoutMs, onUnavailable, readableKeys } = resolveRateLimitOptions('rateLimit', options);
    const clock = new FakeClock();
    const now = (): number => clock.now();
    const memory = new MemoryLimits(now);
    const limiter = new RateLimiter({
      connection: { open: async () => undefined, topology: NO_SERVERS },
      isAway: () => false,
      redis: memory,
      memory,
      denied: new DeniedCallers(now),
      keys: new RateLimitKeys(new KeySpace({ keyPrefix: 'fake', layout: 'plain' }), { readableKeys }),
      events,
      timeoutMs,
      onUnavailable,
    });
    return new FakeRateLimitService(limiter, clock);
  }

  /**
   * Lets time go by.
   *
   * @param duration a number is milliseconds
   * @example limits.advance('1m');
   * @throws InvalidOptionError
   */
  advance(duration: Duration): void {
    this.clock.advance(duration);
  }
}

const NO_SERVERS = { primaries: () => [] };
