import { jest } from '@jest/globals';
import { fencedSet, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { PATIENCE } from '../../support/topologies.js';

describe('a primary that became a replica', () => {
  it('is left once, however many writes it has refused, and found again when it is a primary', async () => {
    const server = await launchServer({ quiet: true });
    const app = await startApp({ connection: { url: server.url, ...PATIENCE, retry: { attempts: 1 } } });
    const connection = app.get(RedisConnection);
    await connection.open();
    const { client } = connection;
    const leaving = jest.spyOn(client, 'disconnect');

    const key = uniquePrefix();
    await client.call('REPLICAOF', '127.0.0.1', '1');
    const write = () => connection.run(fencedSet, { hash: key }, { fencingToken: 1, field: 'a', value: 'b' });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, write));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(leaving).toHaveBeenCalledTimes(1);
    await eventually(async () => expect(await client.ping()).toBe('PONG'));

    await client.call('REPLICAOF', 'NO', 'ONE');
    expect(await write()).toBeDefined();
    await app.close();
    await server.stop();
  });
});
