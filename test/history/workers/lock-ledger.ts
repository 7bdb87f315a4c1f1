import { Redis } from 'ioredis';

/** Refuses whoever has a lower token than the last writer. */
const WRITE = `
  local last = tonumber(redis.call('HGET', KEYS[1], 'token') or 0)
  local outcome = tonumber(ARGV[1]) < last and 'refused' or 'written'
  if outcome == 'written' then redis.call('HSET', KEYS[1], 'token', ARGV[1]) end
  redis.call('RPUSH', KEYS[2], outcome .. ' ' .. ARGV[1])
  return outcome`;

export interface HeldMoment {
  readonly token: number;
  readonly atUs: number;
}

export interface GuardedWrite {
  readonly outcome: 'refused' | 'written';
  readonly token: number;
}

/** Who held what and when, and a register for each resource that is guarded by fencing tokens. Nothing ever disturbs it. */
export class LockLedger {
  private readonly redis: Redis;

  constructor(
    url: string,
    private readonly name: string,
  ) {
    this.redis = new Redis(url);
  }

  note(resource: string, token: number, atUs: number): void {
    void this.redis.rpush(this.key('moments', resource), `${token} ${atUs}`);
  }

  async write(resource: string, token: number): Promise<void> {
    await this.redis.eval(WRITE, 2, this.key('register', resource), this.key('writes', resource), token);
  }

  async moments(resource: string): Promise<HeldMoment[]> {
    const lines = await this.redis.lrange(this.key('moments', resource), 0, -1);
    return lines.map((line) => line.split(' ').map(Number)).map(([token, atUs]) => ({ token: token!, atUs: atUs! }));
  }

  /** In the order in which they arrived. */
  async writes(resource: string): Promise<GuardedWrite[]> {
    const lines = await this.redis.lrange(this.key('writes', resource), 0, -1);
    return lines.map((line) => {
      const [outcome, token] = line.split(' ') as [GuardedWrite['outcome'], string];
      return { outcome, token: Number(token) };
    });
  }

  async close(): Promise<void> {
    await this.redis.quit();
  }

  private key(kind: string, resource: string): string {
    return `${this.name}:${kind}:${resource}`;
  }
}
