import { Test } from '@nestjs/testing';
import { currentLock, LockService, WithLock } from 'nestjs-redis-cache';
import { FakeLockService, provideFakeRedisCache } from 'nestjs-redis-cache/testing';

class Jobs {
  @WithLock({ key: 'nightly', onBusy: 'skip' })
  async nightly(): Promise<number | undefined> {
    return currentLock()?.fencingToken;
  }
}

describe('FakeLockService', () => {
  it('stands in for LockService and behind @WithLock', async () => {
    const module = await Test.createTestingModule({ providers: [Jobs, ...provideFakeRedisCache()] }).compile();
    const locks = module.get(FakeLockService);
    expect(module.get(LockService)).toBe(locks);
    const first = await module.get(Jobs).nightly();
    const second = await module.get(Jobs).nightly();
    expect(second).toBeGreaterThan(first!);
    const release = locks.occupy('nightly');
    expect(await module.get(Jobs).nightly()).toBeUndefined();
    release();
    expect(await module.get(Jobs).nightly()).toBeGreaterThan(second!);
  });

  it('lets in one at a time, in the order they came', async () => {
    const locks = FakeLockService.create();
    const order: number[] = [];
    const release = locks.occupy('queue');
    const waiting = [1, 2, 3].map((at) => locks.using('queue', () => void order.push(at)));
    expect((await locks.inspect('queue')).holders).toEqual([expect.objectContaining({ mode: 'write' })]);
    const { holders, waiters } = await locks.inspect('queue');
    const known = ['host', 'mode', 'pid', 'purpose', 'since'];
    expect(waiters.map((waiter) => Object.keys(waiter).sort())).toEqual([known, known, known]);
    expect(Object.keys(holders[0]!).sort()).toEqual([...known, 'fencingToken', 'remainingMs'].sort());
    release();
    expect(await locks.tryAcquire('queue')).toBeNull(); // it is the turn of others
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(() => locks.occupy('queue')()).not.toThrow();
  });

  it('shares among readers, and counts permits', async () => {
    const locks = FakeLockService.create();
    const readers = await Promise.all([1, 2].map(() => locks.tryAcquire('page', { mode: 'read' })));
    expect(readers).not.toContain(null);
    expect(await locks.tryAcquire('page')).toBeNull();
    const semaphore = locks.semaphore('exports', { permits: 2 });
    const permits = [await semaphore.tryAcquire(), await semaphore.tryAcquire(), await semaphore.tryAcquire()];
    expect(permits.map((permit) => permit === null)).toEqual([false, false, true]);
  });

  it('loses a lock when the test says so, and by its ttl', async () => {
    const locks = FakeLockService.create();
    const lock = await locks.acquire('lost', { ttl: 300 });
    locks.lose('lost');
    await new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }));
    const short = await locks.acquire('lost', { ttl: 100, renew: false });
    await (await locks.acquire('lost')).release();
    expect(short.isHeld).toBe(false);
  });

  it('times out like Redis does', async () => {
    const locks = FakeLockService.create({ wait: 20 });
    locks.occupy('busy');
    await expect(locks.acquire('busy')).rejects.toThrow('has it for another process of the test');
  });
});
