import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Leaves the token of who reads, unless a newer one is there. */
const READ = `
  local fence = tonumber(redis.call('HGET', KEYS[1], 'fence ' .. ARGV[1]) or 0)
  if fence <= tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'fence ' .. ARGV[1], ARGV[2]) end
  return redis.call('HGET', KEYS[1], ARGV[1])`;

const WRITE = `
  if tonumber(redis.call('HGET', KEYS[1], 'fence ' .. ARGV[1]) or 0) > tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], 'fence ' .. ARGV[1], ARGV[2])
  return 1`;

/** The stock of the shop in a database that all processes share: what the sample's `StockRepository` does in SQL. */
export class SharedStock {
  private readonly redis: Redis;

  constructor(
    url: string,
    private readonly table: string,
  ) {
    this.redis = new Redis(url);
  }

  async read(productId: number, fencingToken: number): Promise<number | null> {
    const stock = await this.redis.eval(READ, 1, this.table, productId, fencingToken);
    await pause(1); // a database further away
    return stock === null ? null : Number(stock);
  }

  async set(productId: number, stock: number, fencingToken: number): Promise<boolean> {
    return (await this.redis.eval(WRITE, 1, this.table, productId, fencingToken, stock)) === 1;
  }

  /** What is left of each product. */
  async left(productIds: readonly number[]): Promise<number[]> {
    return (await this.redis.hmget(this.table, ...productIds.map(String))).map(Number);
  }

  /** Fills the shop. */
  async fill(stock: Readonly<Record<number, number>>): Promise<void> {
    await this.redis.hset(this.table, stock);
  }

  close(): void {
    this.redis.disconnect();
  }
}
