import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { describeEachTopology } from '../../support/topologies.js';
import { aborted, type StartedLocks, startLocks } from './start-locks.js';

describeEachTopology('locks of an application that ends', ({ connection }) => {
  let staying: StartedLocks;
  let leaving: StartedLocks;

  beforeEach(async () => {
    staying = await startLocks({ connection });
    leaving = await startLocks({ connection, keyPrefix: staying.keyPrefix });
  });
  afterEach(() => staying.app.close());

  const waiters = async () => (await staying.locks.inspect('shared')).waiters.length;

  it('reject who waits, and are not kept from others by him', async () => {
    const lock = await staying.locks.acquire('shared', { ttl: '20s' });
    const waiting = leaving.locks.acquire('shared', { wait: '30s' }).catch((error: unknown) => error);
    await eventually(async () => expect(await waiters()).toBe(1));
    await leaving.app.close();
    expect(await Promise.race([waiting, pause(1_500, 'he still waits')])).toMatchObject({
      code: 'LOCK_UNAVAILABLE',
      cause: { code: 'CONNECTION_CLOSED' },
    });
    const next = staying.locks.acquire('shared', { wait: '10s' });
    await eventually(async () => expect(await waiters()).toBe(2));
    await lock.release();
    await (await next).release();
  });

  it('end with their ttl: their holder may be at work', async () => {
    const lock = await leaving.locks.acquire('shared', { ttl: 1_500 });
    await leaving.app.close();
    lock.assertHeld();
    expect(await staying.locks.tryAcquire('shared')).toBeNull();
    expect(await aborted(lock.signal)).toMatchObject({ code: 'LOCK_LOST' });
    await lock.release();
    await (await staying.locks.acquire('shared', { wait: '10s' })).release();
  });
});
