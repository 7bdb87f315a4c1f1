import { setTimeout as pause } from 'node:timers/promises';
import { type Lock, type LockService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { describeEachTopology } from '../../support/topologies.js';
import { aborted, type StartedLocks, startLocks } from './start-locks.js';

describeEachTopology('a lock', ({ connection }) => {
  let one: StartedLocks;
  let other: StartedLocks;
  let locks: LockService;

  beforeAll(async () => {
    one = await startLocks({ connection });
    other = await startLocks({ connection, keyPrefix: one.keyPrefix });
    locks = one.locks;
  });
  afterAll(async () => {
    await Promise.all([one.app.close(), other.app.close()]);
  });

  it('is held by one at a time, in all processes', async () => {
    const lock = await locks.acquire('alone');
    expect(await other.locks.tryAcquire('alone')).toBeNull();
    expect(await locks.tryAcquire('alone')).toBeNull();
    await lock.release();
    const next = await other.locks.tryAcquire('alone');
    expect(next?.isHeld).toBe(true);
    await next!.release();
  });

  it('of another resource is another one', async () => {
    const taken = await Promise.all(Array.from({ length: 70 }, (_, at) => locks.tryAcquire(`resource ${at}`)));
    expect(taken).not.toContain(null);
    await Promise.all(taken.map((lock) => lock!.release()));
  });

  it('has a fencing token that grows across release, expiry and takers', async () => {
    const tokens: number[] = [];
    for (const taker of [locks, other.locks, locks]) {
      const released = await taker.acquire('fenced');
      tokens.push(released.fencingToken);
      await released.release();
      const expired = await taker.acquire('fenced', { ttl: 100, renew: false });
      tokens.push(expired.fencingToken);
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((low, high) => low - high));
    expect(tokens.every(Number.isSafeInteger)).toBe(true);
  });

  it('ends with its ttl when it is not renewed, and says so to its holder before others have it', async () => {
    const lock = await locks.acquire('short', { ttl: 300, renew: false });
    let isAborted = false;
    void aborted(lock.signal).then(() => (isAborted = true));
    const next = await other.locks.acquire('short');
    expect(isAborted).toBe(true);
    expect(lock.isHeld).toBe(false);
    expect(lock.remainingMs()).toBe(0);
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }));
    expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
    await lock.release();
    expect(await locks.tryAcquire('short')).toBeNull();
    await next.release();
  });

  it('lives longer than its ttl while it is renewed', async () => {
    const lock = await locks.acquire('renewed', { ttl: 200 });
    await expect(other.locks.acquire('renewed', { wait: 700 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    lock.assertHeld();
    await lock.release();
  });

  it('can be prolonged by hand, and never shortened', async () => {
    const lock = await locks.acquire('by hand', { ttl: 500, renew: false });
    await lock.extend('20s');
    expect(lock.remainingMs()).toBeGreaterThan(15_000);
    await lock.extend(100);
    expect(lock.remainingMs()).toBeGreaterThan(15_000);
    await expect(lock.extend('1h')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await lock.release();
    await expect(lock.extend('5s')).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });

  it('that timed out names who has it', async () => {
    const lock = await locks.acquire('named', { purpose: 'the report' });
    await expect(other.locks.acquire('named', { wait: 0 })).rejects.toMatchObject({
      name: 'LockTimeoutError',
      message: expect.stringMatching(new RegExp(`process ${process.pid} on .* has it for the report`)),
    });
    await lock.release();
  });

  it('waits until it is released, and not for the ttl', async () => {
    const lock = await locks.acquire('handed over', { ttl: '20s' });
    const waiting = other.locks.acquire('handed over');
    await eventually(async () => expect((await locks.inspect('handed over')).waiters).toHaveLength(1));
    await lock.release();
    await (await waiting).release();
  });

  it('whose wait is aborted leaves the queue', async () => {
    const lock = await locks.acquire('left');
    const giveUp = new AbortController();
    const waiting = other.locks.acquire('left', { signal: giveUp.signal });
    await eventually(async () => expect((await locks.inspect('left')).waiters).toHaveLength(1));
    giveUp.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await eventually(async () => expect((await locks.inspect('left')).waiters).toHaveLength(0));
    await lock.release();
    await (await locks.acquire('left', { wait: 0 })).release();
  });

  it('is not given to who gave up while Redis was asked for it', async () => {
    const giveUp = new AbortController();
    const taking = locks.acquire('too late', { signal: giveUp.signal, ttl: '20s' });
    giveUp.abort(new Error('enough'));
    await expect(taking).rejects.toThrow('enough');
    await (await other.locks.acquire('too late', { wait: '5s' })).release();
  });

  it('tells who holds it and who waits', async () => {
    const lock = await locks.acquire('seen', { purpose: 'a "holder"\n' });
    const waiting = other.locks.acquire('seen', { purpose: 'a waiter' });
    await eventually(async () => {
      const { holders, waiters } = await locks.inspect('seen');
      expect(holders).toEqual([
        expect.objectContaining({ pid: process.pid, purpose: 'a "holder"\n', fencingToken: lock.fencingToken }),
      ]);
      expect(waiters).toEqual([expect.objectContaining({ purpose: 'a waiter', mode: 'write' })]);
      expect(holders[0]!.since).toBeInstanceOf(Date);
    });
    await lock.release();
    await (await waiting).release();
    expect(await locks.inspect('seen')).toEqual({ holders: [], waiters: [] });
  });

  it('using: gives the result of the work, whatever becomes of the lock', async () => {
    let inside: Lock | undefined;
    const result = await locks.using('work', async (lock) => {
      inside = lock;
      lock.assertHeld();
      return 5;
    });
    expect(result).toBe(5);
    expect(inside!.isHeld).toBe(false);
    await expect(locks.using('work', () => Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
    const kept = await locks.using('work', () => pause(300, 'kept'), { ttl: 100, renew: false });
    expect(kept).toBe('kept');
    await (await locks.acquire('work', { wait: 0 })).release();
  });

  it('released twice is released once', async () => {
    const lock = await locks.acquire('twice');
    const before = one.events.filter((name) => name === 'lock:released').length;
    await Promise.all([lock.release(), lock.release()]);
    await lock[Symbol.asyncDispose]();
    expect(one.events.filter((name) => name === 'lock:released')).toHaveLength(before + 1);
    expect(lock.signal.aborted).toBe(false);
  });

  it.each([
    ['tryAcquire.resource: expected a text, got nothing.', () => locks.tryAcquire(undefined as never)],
    ['acquire.ttl: expected a duration', () => locks.acquire('x', { ttl: 5 })],
    ['acquire.ttl: expected at most 30000 ms (lock.maxTtl)', () => locks.acquire('x', { ttl: '31s' })],
    ['acquire.times: there is no such option', () => locks.acquire('x', { times: 1 } as never)],
    ['using.renew: expected true or false', () => locks.using('x', () => 1, { renew: 'off' as never })],
    ['tryAcquire.wait: there is no such option', () => locks.tryAcquire('x', { wait: '1s' } as never)],
    ['tryAcquire.signal: there is no such option', () => locks.tryAcquire('x', { signal: {} } as never)],
    ['inspect.resource: expected a text, got nothing.', () => locks.inspect(undefined as never)],
    ['holds a NUL', () => locks.acquire('x\0')],
    ['half of a surrogate pair', () => locks.acquire('x\ud800')],
    ['acquire.wait: expected a duration', () => locks.acquire('x', { wait: -1 })],
    ['acquire.wait: expected a duration', () => locks.acquire('x', { wait: Infinity })],
    ['acquire.ttl: expected a duration', () => locks.acquire('x', { ttl: NaN })],
    ['acquireAll.resources: expected an array', () => locks.acquireAll([])],
    ['acquireAll.resource: expected a text', () => locks.acquireAll(['x', ''])],
  ])('refuses %s', async (message, call) => {
    await expect(call()).rejects.toThrow(message);
  });
});
