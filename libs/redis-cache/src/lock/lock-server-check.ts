import { isRedisCacheError } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';

const KEEPS_ALL = 'noeviction';

/** Looks, once, whether the Redis of the locks may throw them away. */
export class LockServerCheck {
  private checking: Promise<void> | undefined;
  private hasAnswered = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly warn: (message: string) => void,
  ) {}

  get isDone(): boolean {
    return this.hasAnswered;
  }

  /** Resolves also when it could not be looked up; then the next call looks again, unless we may not. */
  run(): Promise<void> {
    this.checking ??= this.check().catch((error: unknown) => {
      this.checking = undefined;
      this.hasAnswered ||= isRedisCacheError(error, 'REDIS_REPLY') && error.message.includes('NOPERM');
    });
    return this.checking;
  }

  private async check(): Promise<void> {
    const { connection } = this;
    const infos = await connection.send(
      () => Promise.all(connection.topology.primaries().map((primary) => primary.info('memory'))),
      { resend: 'safe' },
    );
    this.hasAnswered = true;
    const policies = infos.map((info) => /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? KEEPS_ALL);
    const evicting = policies.find((policy) => policy !== KEEPS_ALL);
    if (evicting === undefined) return;
    this.warn(
      `Locks live on the connection "${connection.name}", whose Redis at ${connection.address} has the maxmemory-policy ` +
        `${evicting}: it may throw away a lock that is held, and two would have it. Give locks a Redis with ${KEEPS_ALL}: ` +
        "connections: { default: …, durable: … }, lock: { connection: 'durable' }.",
    );
  }
}
