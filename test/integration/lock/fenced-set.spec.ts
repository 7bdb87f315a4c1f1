import { fencedSet, RedisConnection } from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { type StartedLocks, startLocks } from './start-locks.js';

describeEachTopology('a hash that checks fencing tokens', ({ connection }) => {
  let started: StartedLocks;

  beforeAll(async () => {
    started = await startLocks({ connection });
  });
  afterAll(() => started.app.close());

  const hashOf = (row: string) => `${started.keyPrefix}-${row}`;
  const writeTo = (row: string) => (fencingToken: number, field: string, value: string) =>
    started.app.get(RedisConnection).run(fencedSet, { hash: hashOf(row) }, { fencingToken, field, value });

  it('takes what the newest lock writes, as often as it does, and nothing of older ones', async () => {
    const write = writeTo('row');
    const [older, newer] = [await started.locks.acquire('older'), await started.locks.acquire('newer')];
    expect(await write(older.fencingToken, 'text', 'a')).toBe(true);
    expect(await write(newer.fencingToken, 'text', 'b')).toBe(true);
    expect(await write(newer.fencingToken, 'title', 'c')).toBe(true);
    expect(await write(older.fencingToken, 'text', 'late')).toBe(false);
    await Promise.all([older.release(), newer.release()]);
    const client = started.app.get(RedisConnection).client;
    expect(await client.hgetall(hashOf('row'))).toEqual({
      ...{ fence: String(newer.fencingToken), text: 'b', title: 'c' },
    });
  });

  it('keeps the token itself from being written over', async () => {
    const write = writeTo('guarded');
    await expect(write(1e15, 'fence', '0')).rejects.toMatchObject({ code: 'REDIS_REPLY' });
    expect(await write(9e15, 'text', 'd')).toBe(true);
    await expect(write(9e15, 'fence', '0')).rejects.toThrow('fence');
    expect(await write(1e15, 'text', 'late')).toBe(false);
  });
});
