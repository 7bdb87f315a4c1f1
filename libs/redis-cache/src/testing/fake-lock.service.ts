import {
  Cancellations,
  leaseClock,
  type LockOptions,
  LockService,
  type LockServiceParts,
  resolveLockOptions,
} from '../lock/index.js';
import { RedisCacheEvents } from '../redis-cache.events.js';
import { MemoryLocks } from './memory-locks.js';

/**
 * Locks in the memory of the test, without Redis and without a socket. It does what {@link LockService} does, by the same
 * code, by the clock of the machine. Outages do not happen in it, except through {@link occupy} and {@link lose}.
 *
 * Tests get it from `provideFakeRedisCache()`, or make one with {@link create}.
 */
export class FakeLockService extends LockService {
  private constructor(
    parts: LockServiceParts,
    private readonly memory: MemoryLocks,
  ) {
    super(parts);
  }

  /** @param options those of `lock` in `forRoot` @param events where it tells what happens. @default events of its own */
  static create(options: LockOptions = {}, events: RedisCacheEvents = new RedisCacheEvents()): FakeLockService {
    const resolved = resolveLockOptions('lock', options);
    const memory = new MemoryLocks();
    const parts = { store: memory, clock: leaseClock, events, maxTtlMs: resolved.maxTtlMs, options: resolved };
    const cancellations = new Cancellations(memory, resolved.maxTtlMs);
    return new FakeLockService({ ...parts, cancellations, checkServer: () => Promise.resolve() }, memory);
  }

  /**
   * Has another process hold a resource, until the function that comes back is called.
   *
   * @example
   * const release = locks.occupy('nightly');
   * expect(await jobs.nightly()).toBeUndefined(); // skipped
   * release();
   */
  occupy(resource: string): () => void {
    return this.memory.occupy(resource);
  }

  /** Takes a lock away from whoever holds it, as if its time were over: he hears of it at the next renewal or release. */
  lose(resource: string): void {
    this.memory.lose(resource);
  }
}
