import { setTimeout as pause } from 'node:timers/promises';
import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { currentLock, LockService, WithLock, wireLocks } from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

@Injectable()
class Stock {
  left = 10;
  runs: number[] = [];

  @WithLock({ key: 'stock:{0}', ttl: '5s' })
  async take(_product: string, count: number): Promise<number> {
    const { left } = this;
    await pause(5);
    if (left < count) return 0;
    this.left = left - count;
    this.runs.push(currentLock()!.fencingToken);
    return count;
  }

  @WithLock({ key: 'nightly', onBusy: 'skip' })
  async nightly(ms: number): Promise<string | undefined> {
    await pause(ms);
    return 'ran';
  }

  @WithLock({ key: (id: string) => `item:${id}`, wait: 0 })
  async impatient(id: string): Promise<string> {
    await pause(100);
    return id;
  }

  @WithLock({ key: 'long', ttl: 200, onBusy: 'skip' })
  async longerThanItsTtl(): Promise<string | undefined> {
    const lock = currentLock()!;
    await pause(700);
    lock.assertHeld();
    return 'ran';
  }

  @WithLock({ key: 'late' })
  async leavesWorkBehind(): Promise<{ readonly lockLater: Promise<unknown> }> {
    const lock = currentLock()!;
    return { lockLater: pause(50).then(() => [lock.isHeld, currentLock()]) };
  }

  @WithLock({ key: 'failing' })
  async failing(): Promise<never> {
    throw new Error('of the method');
  }
}

@Injectable()
class SpecialStock extends Stock {}

describeEachTopology('@WithLock', ({ connection }) => {
  const keyPrefix = uniquePrefix();
  let app: INestApplicationContext;
  let stock: Stock;
  let locks: LockService;

  beforeAll(async () => {
    const lock = { afterDataLoss: 'grant' } as const;
    app = await startApp({ connection, keyPrefix, lock, providers: [Stock, SpecialStock] });
    stock = app.get(Stock);
    locks = app.get(LockService);
  });
  afterAll(() => app.close());

  it('runs a method for one at a time, with its lock at hand', async () => {
    const taken = await Promise.all(Array.from({ length: 12 }, () => stock.take('tea', 1)));
    expect(taken.filter((count) => count === 1)).toHaveLength(10);
    expect(stock.left).toBe(0);
    expect(stock.runs).toEqual([...stock.runs].sort((low, high) => low - high));
    expect(currentLock()).toBeUndefined();
  });

  it('skips a call while another runs, in time for cron jobs', async () => {
    const outcomes = await Promise.all([stock.nightly(100), stock.nightly(100), app.get(SpecialStock).nightly(100)]);
    expect(outcomes.filter((outcome) => outcome === 'ran')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(2);
    expect(await stock.nightly(0)).toBe('ran');
  });

  it('is renewed as long as the method runs', async () => {
    const running = stock.longerThanItsTtl();
    await pause(500);
    expect(await app.get(SpecialStock).longerThanItsTtl()).toBeUndefined();
    expect(await running).toBe('ran');
  });

  it('is not the lock of what goes on after the method has ended', async () => {
    const meanwhile = stock.impatient('another lock, so that there are locks in use');
    const { lockLater } = await stock.leavesWorkBehind();
    expect(await lockLater).toEqual([false, undefined]);
    await meanwhile;
  });

  it('throws when it is busy, unless it may skip', async () => {
    const [first, second] = await Promise.allSettled([stock.impatient('a'), stock.impatient('a')]);
    expect(first).toMatchObject({ value: 'a' });
    expect(second).toMatchObject({
      reason: { code: 'LOCK_TIMEOUT', message: expect.stringContaining('Stock.impatient') },
    });
    expect(await Promise.all([stock.impatient('b'), stock.impatient('c')])).toEqual(['b', 'c']);
  });

  it('throws what the method throws, and gives the lock back', async () => {
    await expect(stock.failing()).rejects.toThrow('of the method');
    await (await locks.acquire('failing', { wait: 0 })).release();
  });

  it('refuses an instance without locks, because it would run unprotected', async () => {
    await expect(new Stock().nightly(1)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(await wireLocks(new Stock(), locks).nightly(1)).toBe('ran');
  });

  it('stops the boot where its options cannot be honoured', async () => {
    @Injectable()
    class TooLong {
      @WithLock({ key: 'x', ttl: '1h' })
      async run(): Promise<void> {}
    }
    await expect(startApp({ connection, providers: [TooLong] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'TooLong.run @WithLock.ttl',
    });
  });

  it('stops the class definition when an option is wrong', () => {
    const define = (options: object) => () => {
      class Wrong {
        @WithLock(options as { key: string })
        async run(): Promise<void> {}
      }
      return Wrong;
    };
    expect(define({ key: '' })).toThrow('Wrong.run @WithLock.key');
    expect(define({ key: 'a', onBusy: 'wait' })).toThrow("Wrong.run @WithLock.onBusy: expected 'throw' or 'skip'");
    expect(define({ key: 'a', retries: 3 })).toThrow('Wrong.run @WithLock.retries: there is no such option');
    expect(define({ key: 'a}' })).toThrow('a brace does not belong to a placeholder');
    expect(define({ key: 'a', wait: -1 })).toThrow('Wrong.run @WithLock.wait: expected a duration');
  });

  it('stops the class definition on what returns before its work is done, or is no method of an instance', () => {
    const decorate =
      (descriptor: PropertyDescriptor, owner: object = class Wrong {}.prototype) =>
      () =>
        (WithLock({ key: 'a' }) as MethodDecorator)(owner, 'run', descriptor);
    expect(decorate({ value: async function* run() {} })).toThrow('Wrong.run @WithLock: cannot stand on a generator');
    expect(decorate({ value: function* run() {} })).toThrow('cannot stand on a generator');
    expect(decorate({ get: () => 1 })).toThrow('stands on methods only');
    expect(decorate({ value: async () => 1 }, class Wrong {})).toThrow('cannot stand on a static method');
  });
});
