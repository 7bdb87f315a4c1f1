import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type INestApplication } from '@nestjs/common';
import { Cacheable, CachePut, CacheService, RedisUnavailableError } from 'nestjs-redis-cache';
import { start } from './start.js';

@Injectable()
class Stock {
  amount = 1;
  loads = 0;
  beforeReturn: (() => Promise<unknown>) | undefined;

  @Cacheable({ key: 'stock:{0}' })
  async of(_id: string): Promise<number> {
    this.loads += 1;
    const read = this.amount;
    await pause(1);
    return read;
  }

  @CachePut({
    key: 'stock:{0}',
    ttl: (amount) => (amount === 7 ? '10s' : 'forever'),
    tags: ['stock'],
    tagsFrom: (amount, id) => [`${id}:${amount}`],
    unless: (amount) => amount < 0,
    condition: (_, amount) => amount !== 99,
  })
  async set(_id: string, amount: number): Promise<number> {
    if (Number.isNaN(amount)) throw new Error('no');
    this.amount = amount;
    await this.beforeReturn?.();
    return amount;
  }

  @CachePut({ key: 'stock:{0}' })
  @CachePut({ key: 'copy:{0}', unless: (amount) => amount === 3 })
  async both(_id: string, amount: number): Promise<number> {
    return (this.amount = amount);
  }
}

describe('@CachePut', () => {
  let app: INestApplication;
  let stock: Stock;
  let cache: CacheService;

  beforeEach(async () => {
    app = await start({ providers: [Stock] });
    stock = app.get(Stock);
    cache = app.get(CacheService);
  });
  afterEach(() => app.close());

  it('runs the method every time, and stores what came of it', async () => {
    await stock.of('1');
    expect(await stock.set('1', 7)).toBe(7);
    expect(await stock.of('1')).toBe(7);
    expect(stock.loads).toBe(1);
    expect(await cache.ttl('stock:1')).toBeLessThanOrEqual(10_000);
    await stock.set('1', 8);
    expect(await cache.ttl('stock:1')).toBe('forever');
    expect(await cache.invalidate({ tags: ['1:8'] })).toMatchObject({ removed: 1 });
  });

  it('stores nothing that somebody has evicted meanwhile', async () => {
    stock.beforeReturn = () => cache.delete('stock:1');
    await stock.set('1', 7);
    expect(await cache.has('stock:1')).toBe(false);
  });

  it('lets nobody store what was read before the write', async () => {
    const early = stock.of('1');
    await stock.set('1', 7);
    await early;
    expect(await stock.of('1')).toBe(7);
  });

  it('evicts when the method throws or the result is not to be stored', async () => {
    await stock.of('1');
    await expect(stock.set('1', Number.NaN)).rejects.toThrow('no');
    expect(await cache.has('stock:1')).toBe(false);
    await stock.of('1');
    expect(await stock.set('1', -1)).toBe(-1);
    expect(await cache.has('stock:1')).toBe(false);
  });

  it('does not run the method again when the method itself fails as Redis might', async () => {
    const error = new RedisUnavailableError('elsewhere:6379', 'not-sent');
    let runs = 0;
    stock.beforeReturn = () => {
      runs += 1;
      return Promise.reject(error);
    };
    await expect(stock.set('1', 7)).rejects.toBe(error);
    expect(runs).toBe(1);
  });

  it('takes no part where condition does not hold', async () => {
    await stock.of('1');
    expect(await stock.set('1', 99)).toBe(99);
    expect(await cache.get('stock:1')).toBe(1);
  });

  it('may stand on one method several times, each on its own', async () => {
    expect(await stock.both('1', 2)).toBe(2);
    expect([await cache.get('stock:1'), await cache.get('copy:1')]).toEqual([2, 2]);
    expect(await stock.both('1', 3)).toBe(3);
    expect([await cache.get('stock:1'), await cache.get('copy:1')]).toEqual([3, undefined]);
  });
});
