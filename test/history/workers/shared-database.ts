import { Redis } from 'ioredis';

export interface Row {
  readonly id: string;
  readonly version: number;
  readonly tag: string;
}

/** Writes a row anew, with the next version. @returns the version and the tag the row had before */
const WRITE = `
  local before = redis.call('HGET', KEYS[1], ARGV[1])
  local version, tag = string.match(before or '0 none', '^(%d+) (.*)$')
  redis.call('HSET', KEYS[1], ARGV[1], (version + 1) .. ' ' .. ARGV[2])
  return { version + 1, tag }`;

/** The database behind the cache, for all processes: rows whose version grows by one with each write. */
export class SharedDatabase {
  private readonly redis: Redis;

  constructor(
    url: string,
    private readonly table: string,
  ) {
    this.redis = new Redis(url);
  }

  async read(id: string): Promise<Row> {
    const row = (await this.redis.hget(this.table, id)) ?? '0 none';
    const [, version, tag] = /^(\d+) (.*)$/.exec(row) as unknown as [string, string, string];
    return { id, version: Number(version), tag };
  }

  async write(id: string, tag: string): Promise<{ readonly version: number; readonly tagBefore: string }> {
    const [version, tagBefore] = (await this.redis.eval(WRITE, 1, this.table, id, tag)) as [number, string];
    return { version, tagBefore };
  }

  close(): void {
    this.redis.disconnect();
  }
}
