import { Logger } from '@nestjs/common';
import { messageOf } from './core/common/index.js';
import type { RedisCacheEvents } from './redis-cache.events.js';

/** So many different warnings are remembered, so that each is said once; a text may hold the path of a value. */
const MOST_WARNINGS = 1_000;

/** Says what an operator should know, once per change, through Nest's logger. */
export class RedisCacheLogger {
  private readonly logger = new Logger('RedisCache');
  private readonly said = new Set<string>();

  constructor(events: RedisCacheEvents, warnings: readonly string[]) {
    for (const warning of warnings) this.warn(warning);
    events.on('connection:up', ({ connection, address }) => {
      this.logger.log(`The connection "${connection}" to Redis at ${address} is up.`);
    });
    events.on('connection:down', ({ connection, address, cause }) => {
      const reason = cause === undefined ? 'it was closed' : messageOf(cause);
      this.logger.warn(`The connection "${connection}" to Redis at ${address} is down: ${reason}. Trying again.`);
    });
    events.on('cache:unsupported', ({ namespace, error }) =>
      this.warnOnce(`Cache namespace "${namespace}": ${messageOf(error)}`),
    );
    events.on('cache:undecodable', ({ namespace, error }) =>
      this.warnOnce(`Cache namespace "${namespace}": ${messageOf(error)}`),
    );
    events.on('rate-limit:warning', ({ message }) => this.warnOnce(message));
    events.on('rate-limit:refund-failed', ({ policies, error }) =>
      this.warnOnce(`Rate limits ${policies.join(', ')}: a request could not be given back: ${messageOf(error)}`),
    );
  }

  warn(message: string): void {
    this.logger.warn(message);
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
