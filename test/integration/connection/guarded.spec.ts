import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, defineScript, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

const count = defineScript({
  name: 'count',
  lua: "return redis.call('INCR', KEYS[1])",
  keys: ['counter'],
  args: [],
  resend: 'never',
  reply: Number,
});

const NOT_SENT = { code: 'REDIS_UNAVAILABLE', outcome: 'not-sent' };

describeEachTopology('a guarded call', ({ connection: options }) => {
  let app: INestApplicationContext;
  let connection: RedisConnection;
  const key = uniquePrefix();

  beforeAll(async () => {
    app = await startApp({ connection: options });
    connection = app.get(RedisConnection);
    await eventually(() => expect(connection.servers.state).toBe('closed'));
    await connection.send((client) => client.set(`${key}:read`, 'value'), { resend: 'safe' });
  });
  afterAll(() => app.close());

  it('goes to a server that was lost only when all has been set right there; others go at once', async () => {
    let isRight = (): void => undefined;
    const right = new Promise<void>((resolve) => (isRight = resolve));
    connection.servers.beforeUse(() => right);
    for (const primary of connection.topology.primaries()) primary.disconnect(true);
    await eventually(() => connection.ping());
    expect(connection.servers.state).toBe('half-open');

    await expect(connection.guarded.fetch(`${key}:read`)).rejects.toMatchObject(NOT_SENT);
    await expect(connection.guarded.run(count, { counter: `${key}:counter` }, {})).rejects.toMatchObject(NOT_SENT);
    expect(await connection.send((client) => client.get(`${key}:read`), { resend: 'safe' })).toBe('value');
    expect(await connection.run(count, { counter: `${key}:counter` }, {})).toBe(1); // nothing had been counted

    isRight();
    await eventually(() => expect(connection.servers.state).toBe('closed'));
    expect(String(await connection.guarded.fetch(`${key}:read`))).toBe('value');
    expect(await connection.guarded.run(count, { counter: `${key}:counter` }, {})).toBe(2);
  });
});

describe('the breaker of a server', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let proxy: FaultProxy;
  let app: INestApplicationContext;
  let connection: RedisConnection;
  const states: string[] = [];

  beforeEach(async () => {
    server = await launchServer({ quiet: true });
    proxy = await startFaultProxy(server.port);
    const own = { host: '127.0.0.1', port: proxy.port, commandTimeout: '300ms' } as const;
    app = await startApp({ connection: own, cache: { index: false } }); // an index is built in the background
    connection = app.get(RedisConnection);
    await eventually(async () => expect(await app.get(CacheService).isHealthy()).toBe(true));
    await eventually(() => expect(connection.servers.state).toBe('closed'));
    states.length = 0;
    app.get(RedisCacheEvents).on('connection:breaker', ({ state }) => states.push(state));
  });
  afterEach(async () => {
    await app.close();
    await proxy.stop();
    await server.stop();
  });

  const codeOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'answered',
      (error: { readonly code: string }) => error.code,
    );

  it('opens after five calls that were not answered; then calls fail at once, until a probe has been answered', async () => {
    await connection.guarded.fetch('key'); // an answer ends a row
    proxy.misbehave('black hole');
    for (let times = 1; times <= 5; times += 1) {
      expect(states).toEqual([]);
      expect(await codeOf(connection.guarded.fetch('key'))).toBe('COMMAND_TIMEOUT');
    }
    expect(states[0]).toBe('open');
    const many = Array.from({ length: 100 }, () => codeOf(connection.guarded.fetch('key')));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['REDIS_UNAVAILABLE']));

    proxy.misbehave('none');
    await eventually(() => expect(connection.servers.state).toBe('closed'), { withinMs: 15_000 });
    expect(await codeOf(connection.guarded.fetch('key'))).toBe('answered');
  });

  it('does not open when calls are refused: that is an answer', async () => {
    await connection.send((client) => client.set('text', 'tea'), { resend: 'safe' });
    for (let times = 0; times < 10; times += 1)
      expect(await codeOf(connection.guarded.run(count, { counter: 'text' }, {}))).toBe('REDIS_REPLY');
    expect(states).toEqual([]);
  });
});
