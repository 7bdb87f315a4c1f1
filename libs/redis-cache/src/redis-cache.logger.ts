import { Logger } from '@nestjs/common';
import { messageOf } from './core/common/index.js';
import type { RedisCacheEvents } from './redis-cache.events.js';

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
  }

  warn(message: string): void {
    this.logger.warn(message);
  }

  private warnOnce(message: string): void {
    if (this.said.has(message)) return;
    if (this.said.size < 1_000) this.said.add(message);
    this.warn(message);
  }
}
