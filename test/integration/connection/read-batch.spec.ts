import type { INestApplicationContext } from '@nestjs/common';
import { type Redis } from 'ioredis';
import { RedisConnection } from 'nestjs-redis-cache';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

describeEachTopology('the reads of one tick', (topology) => {
  let app: INestApplicationContext;
  let connection: RedisConnection;
  const prefix = uniquePrefix();
  const texts = Array.from({ length: 100 }, (_, at) => `value ${at}`);
  const keys = texts.map((_, at) => `${prefix}:${at}`);

  beforeAll(async () => {
    // A busy machine may take longer to connect again than three attempts do.
    const patience = { commandTimeout: '10s', retry: { attempts: 6 } } as const;
    app = await startApp({ connection: { ...topology.connection, ...patience } });
    connection = app.get(RedisConnection);
    await Promise.all(keys.map((key, at) => connection.client.set(key, texts[at]!, 'PX', 60_000)));
    await connection.client.lpush(`${prefix}:list`, 'a');
    await connection.client.pexpire(`${prefix}:list`, 60_000);
  });
  afterAll(() => app.close());

  const readAll = async (): Promise<(string | undefined)[]> =>
    (await Promise.all(keys.map((key) => connection.fetch(key)))).map((bytes) => bytes?.toString());

  it('each get their own reply', async () => {
    expect(await readAll()).toEqual(texts);
    expect(await connection.fetch(`${prefix}:missing`)).toBeNull();
  });

  it('fail alone, when only one is refused', async () => {
    const refused = connection.fetch(`${prefix}:list`);
    const answered = connection.fetch(keys[0]!);
    await expect(refused).rejects.toMatchObject({ code: 'REDIS_REPLY', message: expect.stringContaining('WRONGTYPE') });
    expect(String(await answered)).toBe(texts[0]);
  });

  it('are read again, when their connection breaks', async () => {
    const { client } = connection;
    const killed = connection.topology.primaries().map(async (primary: Redis) => {
      const id = String(await primary.client('ID'));
      return () => primary.call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no').catch(() => undefined);
    });
    const kill = await Promise.all(killed);
    const killing = kill.map((now) => now());
    expect(await readAll()).toEqual(texts);
    await Promise.all(killing);
    expect(client.status).toBe('ready');
  });
});
