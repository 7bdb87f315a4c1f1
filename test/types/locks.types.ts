/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import {
  currentLock,
  fencedSet,
  type Lock,
  type LockGroup,
  type LockOptions,
  type LockService,
  type RedisCacheOptions,
  type RedisConnection,
  wireLocks,
  WithLock,
} from 'nestjs-redis-cache';
import { FakeLockService } from 'nestjs-redis-cache/testing';

interface Order {
  readonly id: number;
  readonly note?: string;
}

declare const locks: LockService;
declare const redis: RedisConnection;
declare const order: Order;
declare const signal: AbortSignal;
declare function options(given: LockOptions): void;
declare function root(given: RedisCacheOptions): void;

// Options of all locks.
options({});
options({ connection: 'durable', ttl: '10s', wait: 0, maxTtl: '1m', afterDataLoss: 'grant' });
options({ quorum: ['a', 'b', 'c'] });
root({ connection: { url: 'redis://localhost' }, lock: { ttl: '5s' } });
FakeLockService.create({ wait: 20 });
// @ts-expect-error -- no such option
options({ retries: 3 });
// @ts-expect-error -- a duration has a unit of ours
options({ ttl: '10sec' });
// @ts-expect-error -- a lock without an end would be held for ever by the dead
options({ ttl: 'forever' });
// @ts-expect-error -- not one of the two
options({ afterDataLoss: 'refuse' });
// @ts-expect-error -- names of connections
options({ quorum: [{ url: 'redis://localhost' }] });
// @ts-expect-error -- no such option of locks
root({ connection: { url: 'redis://localhost' }, lock: { tll: '5s' } });

// Calls.
const held: Promise<Lock> = locks.acquire('a', {
  ttl: '5s',
  wait: '1s',
  mode: 'read',
  renew: false,
  purpose: 'p',
  signal,
});
const tried: Promise<Lock | null> = locks.tryAcquire('a', { ttl: 500 });
const result: Promise<number> = locks.using('a', (lock) => lock.fencingToken);
const group: Promise<LockGroup> = locks.acquireAll(['a', 'b']);
const permit: Promise<Lock> = locks.semaphore('s', { permits: 3 }).acquire({ wait: '1s' });
const inside: Lock | undefined = currentLock();
void redis.run(fencedSet, { hash: 'h' }, { fencingToken: 1, field: 'f', value: 'v' });
export const all = [held, tried, result, group, permit, inside];
// @ts-expect-error -- somebody else may have it
export const certain: Promise<Lock> = locks.tryAcquire('a');
// @ts-expect-error -- who only tries does not wait
void locks.tryAcquire('a', { wait: '1s' });
// @ts-expect-error -- a resource is a text
void locks.acquire(42);
// @ts-expect-error -- several are taken with acquireAll
void locks.acquire(['a', 'b']);
// @ts-expect-error -- not a mode
void locks.acquire('a', { mode: 'exclusive' });
// @ts-expect-error -- no such option
void locks.acquire('a', { timeout: '1s' });
// @ts-expect-error -- a semaphore says how many there are
locks.semaphore('s');
// @ts-expect-error -- permits are not shared by mode
void locks.semaphore('s', { permits: 3 }).acquire({ mode: 'read' });
// @ts-expect-error -- a token is not to be set
(await held).fencingToken = 1;

export class Right {
  @WithLock({ key: 'nightly', onBusy: 'skip', ttl: '1m' })
  async nightly(): Promise<void> {}

  @WithLock({ key: 'report', onBusy: 'skip' })
  report(): Promise<number | undefined> {
    return Promise.resolve(1);
  }

  @WithLock({ key: 'stock:{0.id}:{1}', wait: '5s', onBusy: 'throw', mode: 'write' })
  template(_order: Order, _count: number): Promise<number> {
    return Promise.resolve(1);
  }

  // The types of the arguments come from the method.
  @WithLock({ key: (of, count) => `${of.id.toFixed(0)}:${count.toFixed(0)}` })
  fromMethod(_order: Order, _count: number): Promise<number> {
    return Promise.resolve(1);
  }

  @WithLock({ key: (id: string) => id })
  annotated(_id: string, _more?: number): Promise<void> {
    return Promise.resolve();
  }

  @WithLock({
    key(this: Right, id) {
      return this.nightly.name + id;
    },
  })
  ofInstance(_id: string): Promise<void> {
    return Promise.resolve();
  }
}
wireLocks(new Right(), locks);
// @ts-expect-error -- locks, not their options
wireLocks(new Right(), { ttl: '5s' });

export class Wrong {
  // @ts-expect-error -- the key of another type
  @WithLock({ key: (id: number) => String(id) })
  async wrongKey(_id: string): Promise<void> {}

  // @ts-expect-error -- a key is a text
  @WithLock({ key: () => 5 })
  async noText(): Promise<void> {}

  // @ts-expect-error -- and not the promise of one
  @WithLock({ key: async (id: string) => id })
  async asyncKey(_id: string): Promise<void> {}

  // @ts-expect-error -- no key
  @WithLock({ ttl: '5s' })
  async noKey(): Promise<void> {}

  // @ts-expect-error -- there is no {1}
  @WithLock({ key: 'stock:{0}:{1}' })
  async noPlaceholder(_id: string): Promise<void> {}

  // @ts-expect-error -- it may be undefined
  @WithLock({ key: '{0.note}' })
  async optionalPart(_order: Order): Promise<void> {}

  // @ts-expect-error -- a call that is skipped answers undefined
  @WithLock({ key: 'report', onBusy: 'skip' })
  skipsAResult(): Promise<number> {
    return Promise.resolve(1);
  }

  // @ts-expect-error -- not one of the two
  @WithLock({ key: 'report', onBusy: 'wait' })
  async otherOnBusy(): Promise<void> {}

  // @ts-expect-error -- no such option
  @WithLock({ key: 'report', retries: 3 })
  async unknownOption(): Promise<void> {}

  // @ts-expect-error -- not a unit of ours
  @WithLock({ key: 'report', ttl: '1min' })
  async wrongTtl(): Promise<void> {}

  // @ts-expect-error -- permits are no mode of a method
  @WithLock({ key: 'report', mode: 'permit' })
  async wrongMode(): Promise<void> {}

  // @ts-expect-error -- no promise
  @WithLock({ key: 'report' })
  noPromise(): number {
    return order.id;
  }

  // @ts-expect-error -- a static method
  @WithLock({ key: 'report' })
  static async ofTheClass(): Promise<void> {}

  // @ts-expect-error -- no method
  @WithLock({ key: 'report' })
  property = 1;
}
