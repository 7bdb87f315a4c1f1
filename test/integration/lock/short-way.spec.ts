import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { type StartedLocks, startLocks } from './start-locks.js';

const DAY_MS = 86_400_000;

/** A lock that is free is taken on a short way through its script. What it must not pass by is put in its way here. */
describe('a lock that looks free', () => {
  let started: StartedLocks;
  let redis: Redis;
  const keyOf = (feature: string, name: string) => `${started.keyPrefix}:${feature}:${name}`;
  const holdersOf = (resource: string) => keyOf('lock', `locks:${resource}`);

  beforeAll(async () => {
    const url = process.env.REDIS_URL!;
    started = await startLocks({ connection: { url } });
    redis = new Redis(url);
    await prepare('first'); // later ones may not be let in by a process that waits after a loss
  });
  afterAll(async () => {
    await started.app.close();
    redis.disconnect();
  });

  /** Takes it once the long way, so that the short one is open. */
  async function prepare(resource: string): Promise<number> {
    const lock = await started.locks.acquire(resource, { wait: 0 });
    await lock.release();
    return lock.fencingToken;
  }

  /** The commands that name a resource, also those inside of scripts; what asks for the time names nobody. */
  async function commandsFor(resource: string, work: () => Promise<unknown>): Promise<string[]> {
    const monitor = await redis.monitor();
    const seen: string[] = [];
    monitor.on('monitor', (_time, [name, ...args]: string[]) => {
      const isEpoch = args[0] === keyOf('lock-epoch', 'locks:');
      if (isEpoch || args.some((arg) => arg.includes(`:${resource}`))) seen.push(name!.toLowerCase());
    });
    await work();
    await redis.echo(`:${resource}`);
    await eventually(() => expect(seen.pop()).toBe('echo'));
    monitor.disconnect();
    return seen;
  }

  it('is taken and given back with the same few commands each time', async () => {
    await prepare('same');
    const commands = await commandsFor('same', () => prepare('same'));
    expect(commands).toEqual(['evalsha', 'hget', 'hlen', 'hget', 'hset', 'hdel']);
  });

  it('is asked for once when it was never taken here, or was not to be had the last time', async () => {
    const requests = async (work: () => Promise<unknown>) =>
      (await commandsFor('once', work)).filter((command) => command === 'evalsha').length;
    expect(await requests(() => prepare('once'))).toBe(1);
    const lock = await started.locks.acquire('once');
    expect(await requests(() => started.locks.tryAcquire('once'))).toBe(2);
    expect(await requests(() => started.locks.tryAcquire('once'))).toBe(1);
    await lock.release();
    expect(await requests(() => prepare('once'))).toBe(1);
    expect(await requests(() => prepare('once'))).toBe(1);
  });

  it('is called lost when it was, and handed over, although somebody waits who makes it look as if it had been held', async () => {
    await prepare('taken away');
    const lock = await started.locks.acquire('taken away', { ttl: '30s' });
    const waiting = started.locks.acquire('taken away', { wait: '15s' });
    await eventually(async () => expect((await started.locks.inspect('taken away')).waiters).toHaveLength(1));
    await redis.hdel(holdersOf('taken away'), ...(await holdersIn('taken away')));
    const before = started.events.length;
    await lock.release();
    expect(started.events.slice(before)).toContain('lock:lost');
    await (await waiting).release();
  });

  it.each([
    ['after an attempt was given up', ['cancelled'], String(Date.now())],
    ['after there was a queue', ['queue', 'call', 'call too'], ''],
  ])('goes the short way again, some time %s', async (_, fields, value) => {
    await prepare('opens');
    await redis.hset(holdersOf('opens'), Object.fromEntries(fields.map((field) => [field, value])));
    await prepare('opens');
    expect(await redis.hkeys(holdersOf('opens'))).toEqual(['fence']);
  });

  it('does not go the short way while a claim that was given up may arrive', async () => {
    await prepare('given up');
    const lock = await started.locks.acquire('given up');
    await expect(started.locks.acquire('given up', { wait: 50 })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    await eventually(async () => expect(await redis.hexists(holdersOf('given up'), 'cancelled')).toBe(1));
    await lock.release();
    await prepare('given up');
    expect(Number(await redis.hget(holdersOf('given up'), 'cancelled'))).toBeGreaterThan(Date.now());
  });

  it('does not go it after it was taken by a client of the user that sends again by itself what may have run', async () => {
    const client = new Redis(process.env.REDIS_URL!);
    const own = await startLocks({ connection: { client }, keyPrefix: started.keyPrefix });
    for (let time = 0; time < 2; time += 1) await own.locks.using('sent again', () => undefined);
    expect(await redis.hexists(holdersOf('sent again'), 'cancelled')).toBe(1);
    await own.app.close();
    client.disconnect();
  });

  it('has a greater token than the last one, also when the clock of Redis was set back', async () => {
    const last = (await prepare('set back')) + 3_600_000_000;
    await redis.hset(holdersOf('set back'), 'fence', String(last));
    expect(await prepare('set back')).toBe(last + 1);
    expect(await prepare('set back')).toBe(last + 2);
  });

  it('ends with its ttl, although its token is ahead of the clock of Redis', async () => {
    await redis.hset(holdersOf('ahead'), 'fence', String((await prepare('ahead')) + 3_600_000_000));
    const lock = await started.locks.acquire('ahead', { ttl: '20s' });
    const [holder] = (await started.locks.inspect('ahead')).holders;
    expect(holder).toMatchObject({ fencingToken: lock.fencingToken, remainingMs: expect.any(Number) });
    expect(holder!.remainingMs).toBeGreaterThan(0);
    expect(holder!.remainingMs).toBeLessThanOrEqual(20_000);
    await lock.release();
  });

  it('is kept from being forgotten for a week after it was last taken', async () => {
    const token = await prepare('kept');
    await redis.hset(holdersOf('kept'), 'fence', String(token - DAY_MS * 1_000));
    await redis.pexpire(holdersOf('kept'), 60_000);
    await prepare('kept');
    expect(await redis.pttl(holdersOf('kept'))).toBeGreaterThan(7 * DAY_MS);
  });

  it('is free for a job that comes once a year, in a process that has run since: the epoch outlives it', async () => {
    const token = await prepare('yearly');
    const keptFor = 380 * DAY_MS; // a month after it was kept last
    await redis.hset(holdersOf('yearly'), 'fence', String(token - DAY_MS * 2_000)); // the first in two days
    await redis.pexpire(keyOf('lock-epoch', 'locks:'), keptFor);
    await redis.hset(keyOf('lock-epoch', 'locks:'), 'kept', String(Date.now() + keptFor));
    await prepare('yearly');
    expect(await redis.pttl(keyOf('lock-epoch', 'locks:'))).toBeGreaterThan(390 * DAY_MS);
  });

  it('is kept for as long as it is held', async () => {
    const long = await startLocks({ connection: { url: process.env.REDIS_URL! }, lock: { maxTtl: '20d' } });
    const holders = `${long.keyPrefix}:lock:locks:long`;
    await (await long.locks.acquire('long')).release();
    const lock = await long.locks.acquire('long', { ttl: '20d' });
    expect(await redis.pttl(holders)).toBeGreaterThan(20 * DAY_MS);
    await lock.release();
    const prolonged = await long.locks.acquire('prolonged', { ttl: '1h' });
    await prolonged.extend('20d');
    expect(await redis.pttl(`${long.keyPrefix}:lock:locks:prolonged`)).toBeGreaterThan(20 * DAY_MS);
    await prolonged.release();
    await long.app.close();
  });

  it('is not taken from those who stand in the queue', async () => {
    await prepare('queue');
    const lock = await started.locks.acquire('queue');
    const waiting = started.locks.acquire('queue');
    await eventually(async () => expect((await started.locks.inspect('queue')).waiters).toHaveLength(1));
    await redis.hdel(holdersOf('queue'), ...(await holdersIn('queue'))); // its holder is gone, and has called nobody
    const taken = await started.locks.tryAcquire('queue');
    await Promise.all([taken?.release(), lock.release()]);
    await (await waiting).release();
    expect(taken).toBeNull();
  });

  it('is not taken while the data are being lost and found', async () => {
    await prepare('epoch');
    await redis.hdel(keyOf('lock-epoch', 'locks:'), 'open');
    await redis.hset(keyOf('lock-epoch', 'locks:'), 'closed', String(Date.now() + 60_000));
    expect(await started.locks.tryAcquire('epoch')).toBeNull();
    expect(started.events.at(-2)).toBe('lock:closed');
    await redis.hset(keyOf('lock-epoch', 'locks:'), 'closed', '0');
    await prepare('epoch');
    expect(await redis.hexists(keyOf('lock-epoch', 'locks:'), 'open')).toBe(1);
  });

  it('is still the turn of who was called while nobody was let in', async () => {
    await prepare('line');
    const epoch = keyOf('lock-epoch', 'locks:');
    const waitersOf = keyOf('lock-waiters', 'locks:line');
    const lock = await started.locks.acquire('line');
    const waiting = started.locks.acquire('line', { wait: '30s' });
    await eventually(async () => expect((await started.locks.inspect('line')).waiters).toHaveLength(1));
    await redis
      .multi()
      .hdel(epoch, 'open')
      .hset(epoch, 'closed', String(Date.now() + 60_000))
      .exec();
    const before = started.events.length;
    await lock.release();
    await eventually(() => expect(started.events.slice(before)).toContain('lock:closed'));
    // However long it lasts: his turn would be over by then.
    for (const field of await redis.hkeys(waitersOf))
      if (field.startsWith('turn ')) await redis.hset(waitersOf, field, '1');
    await redis.hset(epoch, 'closed', '0');
    const taken = await started.locks.tryAcquire('line');
    await taken?.release();
    await (await waiting).release();
    expect(taken).toBeNull();
  });

  it('is not taken after somebody has found that the data were lost', async () => {
    const { keyPrefix } = started;
    const other = await startLocks({
      connection: { url: process.env.REDIS_URL! },
      keyPrefix,
      lock: { afterDataLoss: 'wait' },
    });
    await (await other.locks.acquire('elsewhere', { wait: 0 })).release();
    await redis.hset(keyOf('lock-epoch', 'locks:'), 'id', 'another', 'open', 'another');
    await prepare('found');
    await prepare('found');
    expect(await other.locks.tryAcquire('elsewhere')).toBeNull();
    const taken = await started.locks.tryAcquire('found');
    await redis.hset(keyOf('lock-epoch', 'locks:'), 'closed', '0');
    await other.app.close();
    expect(taken).toBeNull();
  });

  async function holdersIn(resource: string): Promise<string[]> {
    const beside = ['fence', 'queue', 'cancelled', 'call', 'call too'];
    return (await redis.hkeys(holdersOf(resource))).filter((field) => !beside.includes(field));
  }
});
