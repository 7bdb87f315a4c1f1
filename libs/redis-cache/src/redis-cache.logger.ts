import { Logger } from '@nestjs/common';
import { messageOf } from './core/common/index.js';
import type { RedisCacheEvents } from './redis-cache.events.js';

/** So many different warnings are remembered, so that each is said once; a text may hold the path of a value. */
const MOST_WARNINGS = 1_000;

/** Says what an operator should know, once per change, through Nest's logger. */
export class RedisCacheLogger {
  private readonly logger = new Logger('RedisCache');
  private readonly said = new Set<string>();
  /** The connections that are known to be down: that their servers do not answer is no news. */
  private readonly down = new Set<string>();
  /** By the monotonic clock. */
  private locksClosedUntil = 0;

  constructor(events: RedisCacheEvents, warnings: readonly string[]) {
    for (const warning of warnings) this.warn(warning);
    events.on('connection:up', ({ connection, address }) => {
      this.down.delete(connection);
      this.logger.log(`The connection "${connection}" to Redis at ${address} is up.`);
    });
    events.on('connection:down', ({ connection, address, cause }) => {
      this.down.add(connection);
      const reason = cause === undefined ? 'it was closed' : messageOf(cause);
      this.logger.warn(`The connection "${connection}" to Redis at ${address} is down: ${reason}. Trying again.`);
    });
    events.on('connection:breaker', ({ connection, address, state }) => {
      if (state === 'open' && !this.down.has(connection))
        this.logger.warn(
          `Redis at ${address} (connection "${connection}") does not answer: it is left alone, and asked once a second.`,
        );
    });
    events.on('cache:journal', ({ namespace, pending }) => {
      if (pending === 0) return this.logger.log(`Cache namespace "${namespace}": all evictions have been delivered.`);
      this.logger.warn(
        `Cache namespace "${namespace}": evictions have not been delivered to Redis. They are repeated until they are; until ` +
          'then other processes may read old values.',
      );
    });
    events.on('cache:evictions-lost', ({ namespace, pending }) => {
      this.logger.error(
        `Cache namespace "${namespace}": ${pending} evictions were not delivered before the application ended.`,
      );
    });
    events.on('connection:tracking-refused', ({ connection, address, cause }) =>
      this.warn(
        `Redis at ${address} (connection "${connection}") does not tell what changes: ${messageOf(cause)} ` +
          'No copies are kept in memory (l1); everything else works.',
      ),
    );
    events.on('cache:l1-outweighed', ({ namespace }) =>
      this.warnOnce(
        `Cache namespace "${namespace}": Redis tells this process of more changes than copies in memory save it reads. ` +
          'Switch l1 off there, or put what changes often into a namespace of its own.',
      ),
    );
    events.on('cache:unsupported', ({ namespace, error }) =>
      this.warnOnce(`Cache namespace "${namespace}": ${messageOf(error)}`),
    );
    events.on('cache:undecodable', ({ namespace, error }) =>
      this.warnOnce(`Cache namespace "${namespace}": ${messageOf(error)}`),
    );
    events.on('session:undecodable', ({ field, error }) =>
      this.warnOnce(`Sessions: the field "${field}" reads as missing: ${messageOf(error)}`),
    );
    events.on('lock:closed', ({ remainingMs }) => this.tellOfClosedLocks(remainingMs));
    events.on('session:evictable', ({ connection, policy }) =>
      this.warn(
        `The Redis of the connection "${connection}" may evict sessions (maxmemory-policy ${policy}): it would log users ` +
          'out, and forget who was logged out everywhere. Give sessions a Redis with maxmemory-policy noeviction: ' +
          "connections: { default: …, durable: … }, session: { connection: 'durable' }.",
      ),
    );
    events.on('rate-limit:warning', ({ message }) => this.warnOnce(message));
    events.on('rate-limit:refund-failed', ({ policies, error }) =>
      this.warnOnce(`Rate limits ${policies.join(', ')}: a request could not be given back: ${messageOf(error)}`),
    );
  }

  warn(message: string): void {
    this.logger.warn(message);
  }

  /** Once for each time they are closed, however many ask meanwhile. */
  private tellOfClosedLocks(remainingMs: number): void {
    if (performance.now() < this.locksClosedUntil) return;
    this.locksClosedUntil = performance.now() + remainingMs;
    this.warn(
      'Locks: Redis is new or has lost its data, and those who held a lock before may not know yet: nobody is let in for ' +
        `${Math.ceil(remainingMs)} ms (at most lock.maxTtl after its start or its loss). Where that cannot be, as in tests and ` +
        "on a Redis of one's own, lock.afterDataLoss: 'grant' lets them in at once.",
    );
  }

  /** When there are too many to remember, one last line says so: neither is anything repeated nor lost in silence. */
  private warnOnce(message: string): void {
    if (this.said.has(message) || this.said.size > MOST_WARNINGS) return;
    this.said.add(message);
    if (this.said.size <= MOST_WARNINGS) return this.warn(message);
    this.warn(
      `More than ${MOST_WARNINGS} different warnings: further ones are not logged. ` +
        'The events "cache:unsupported" and "cache:undecodable" tell all of them.',
    );
  }
}
