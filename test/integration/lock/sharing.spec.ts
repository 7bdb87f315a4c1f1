import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { describeEachTopology } from '../../support/topologies.js';
import { type StartedLocks, startLocks } from './start-locks.js';

describeEachTopology('locks that are shared', ({ connection }) => {
  let one: StartedLocks;
  let other: StartedLocks;

  beforeAll(async () => {
    one = await startLocks({ connection });
    other = await startLocks({ connection, keyPrefix: one.keyPrefix });
  });
  afterAll(async () => {
    await Promise.all([one.app.close(), other.app.close()]);
  });

  it('readers together, a writer alone', async () => {
    const readers = await Promise.all([one, other].map(({ locks }) => locks.acquire('page', { mode: 'read' })));
    expect(await one.locks.tryAcquire('page')).toBeNull();
    await readers[0]!.release();
    expect(await one.locks.tryAcquire('page')).toBeNull();
    await readers[1]!.release();
    const writer = await one.locks.acquire('page', { wait: 0 });
    expect(await other.locks.tryAcquire('page', { mode: 'read' })).toBeNull();
    expect(await other.locks.tryAcquire('page')).toBeNull();
    await writer.release();
  });

  it('a writer that waits is not overtaken by readers, and readers behind it go together', async () => {
    const order: string[] = [];
    const reader = await one.locks.acquire('turns', { mode: 'read' });
    const waiters = async () => (await one.locks.inspect('turns')).waiters.length;
    const writing = other.locks.using('turns', () => void order.push('writer'));
    await eventually(async () => expect(await waiters()).toBe(1));
    let inside = 0;
    let mostInside = 0;
    const reading = [0, 1, 2].map(() =>
      other.locks.using(
        'turns',
        async () => {
          mostInside = Math.max(mostInside, (inside += 1));
          await eventually(() => expect(mostInside).toBe(3));
          order.push('reader');
          inside -= 1;
        },
        { mode: 'read' },
      ),
    );
    await eventually(async () => expect(await waiters()).toBe(4));
    expect(await one.locks.tryAcquire('turns', { mode: 'read' })).toBeNull();
    await reader.release();
    await Promise.all([writing, ...reading]);
    expect(order).toEqual(['writer', 'reader', 'reader', 'reader']);
  });

  it('a semaphore lets in as many as it has permits, and each ends with its own ttl (L7, L8)', async () => {
    const of = ({ locks }: StartedLocks) => locks.semaphore('exports', { permits: 2 });
    const long = await of(one).acquire({ ttl: '10s', renew: false });
    const short = await of(other).acquire({ ttl: 300, renew: false });
    expect(await of(one).tryAcquire({ ttl: 100 })).toBeNull();
    const third = await of(one).acquire({ ttl: 100, wait: '5s', renew: false });
    expect(short.isHeld).toBe(false);
    await pause(150);
    const fourth = await of(other).acquire({ wait: '5s' });
    expect(await of(one).tryAcquire()).toBeNull(); // the long one is still held
    long.assertHeld();
    expect(third.isHeld).toBe(false);
    await Promise.all([long.release(), fourth.release()]);
  });

  it('a semaphore never has more inside than permits', async () => {
    let inside = 0;
    let mostInside = 0;
    const semaphore = [one, other].map(({ locks }) => locks.semaphore('crowd', { permits: 3 }));
    const work = async (): Promise<void> => {
      mostInside = Math.max(mostInside, (inside += 1));
      await pause(5);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 40 }, (_, at) => semaphore[at % 2]!.using(work)));
    expect(mostInside).toBe(3);
  });

  it('a semaphore lets in each up to the number it names itself', async () => {
    const of = (permits: number) => one.locks.semaphore('disputed', { permits });
    const [first, second] = [await of(2).tryAcquire(), await of(2).tryAcquire()];
    expect(await of(2).tryAcquire()).toBeNull();
    const third = await of(3).tryAcquire();
    expect(await of(1).tryAcquire()).toBeNull();
    expect([first, second, third]).not.toContain(null);
    await Promise.all([first, second, third].map((permit) => permit!.release()));
  });

  it('a lock and a semaphore of one name have nothing to do with each other', async () => {
    const lock = await one.locks.acquire('name');
    const permit = await other.locks.semaphore('name', { permits: 1 }).tryAcquire();
    expect(permit).not.toBeNull();
    await Promise.all([lock.release(), permit!.release()]);
  });
});

describeEachTopology('locks of several resources', ({ connection }) => {
  let one: StartedLocks;

  beforeAll(async () => {
    one = await startLocks({ connection });
  });
  afterAll(() => one.app.close());

  it('are taken all or none, each once, in the order of their names', async () => {
    const { locks } = one;
    const group = await locks.acquireAll(['c', 'a', 'b', 'a']);
    expect(group.locks.map(({ resource }) => resource)).toEqual(['a', 'b', 'c']);
    group.assertHeld();
    await expect(locks.acquireAll(['0', 'b'], { wait: 0 })).rejects.toMatchObject({ resource: 'b' });
    await (await locks.acquire('0', { wait: 0 })).release();
    await group.release();
    expect(group.isHeld).toBe(false);
    expect(await locks.usingAll(['b', 'a'], ({ locks: all }) => all.length)).toBe(2);
  });

  it('share one wait, and say of which they had too little time', async () => {
    const { locks } = one;
    const held = await locks.acquire('shared wait b');
    const taking = locks.acquireAll(['shared wait a', 'shared wait b'], { wait: 200 });
    await expect(taking).rejects.toMatchObject({ resource: 'shared wait b', waitedMs: 200 });
    await held.release();
  });

  it('never wait for each other', async () => {
    const { locks } = one;
    const order = ['x', 'y', 'z'];
    const works = Array.from({ length: 30 }, (_, at) =>
      locks.usingAll([order[at % 3]!, order[(at + 1) % 3]!], () => pause(1, at), { wait: '15s' }),
    );
    expect(await Promise.all(works)).toHaveLength(30);
  });

  it('are lost when one of them is', async () => {
    const group = await one.locks.acquireAll(['p', 'q'], { ttl: 200, renew: false });
    await group.locks[0]!.extend('10s');
    await eventually(() => expect(group.signal.aborted).toBe(true));
    expect(() => group.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST', resource: 'q' }));
    await group.release();
  });
});
