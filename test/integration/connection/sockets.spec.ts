import { type INestApplicationContext } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { Redis } from 'ioredis';
import {
  CacheService,
  getConnectionToken,
  getRedisToken,
  RedisCacheModule,
  type RedisCacheOptions,
  type RedisConnection,
} from 'nestjs-redis-cache';
import { launchServers } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { clientsOf } from '../../support/server-statistics.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

type Server = Awaited<ReturnType<typeof launchServers>>[number];

/** A connection that is used has one socket for commands and one for what the server tells unasked. */
const COMMANDS_AND_SIGNALS = 2;

describe('sockets', () => {
  let first: Server;
  let second: Server;
  const apps: INestApplicationContext[] = [];

  beforeAll(async () => {
    [first, second] = (await launchServers(2, { quiet: true })) as [Server, Server];
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await eventually(async () => expect([await clientsOf(first.url), await clientsOf(second.url)]).toEqual([[], []]));
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  const start = async (options: Partial<Parameters<typeof startApp>[0]> = {}): Promise<INestApplicationContext> => {
    const connections = { default: { url: first.url }, durable: { url: second.url } };
    const app = await startApp({ connections, ...options } as Parameters<typeof startApp>[0]);
    apps.push(app);
    return app;
  };

  it('are opened at boot for the connection the cache lives on, and for no other', async () => {
    const app = await start();
    expect(await clientsOf(first.url)).toHaveLength(COMMANDS_AND_SIGNALS);
    expect(await clientsOf(second.url)).toHaveLength(0);
    expect(app.get<RedisConnection>(getConnectionToken('durable')).status).toBe('idle');
  });

  it('are opened at boot for the connection of a namespace', async () => {
    await start({ imports: [RedisCacheModule.forFeature([{ namespace: 'carts', connection: 'durable' }])] });
    expect(await clientsOf(second.url)).toHaveLength(COMMANDS_AND_SIGNALS);
  });

  describe('of a namespace that a factory brought', () => {
    const fromFactory = (): TestingModuleBuilder => {
      const connections = { default: { url: first.url }, durable: { url: second.url } };
      const cache = { namespaces: { carts: { connection: 'durable' } } };
      const useFactory = (): RedisCacheOptions => ({ connections, cache, keyPrefix: uniquePrefix() });
      return Test.createTestingModule({
        imports: [RedisCacheModule.forRootAsync({ connections: ['default', 'durable'], useFactory })],
      });
    };

    it('are opened at boot', async () => {
      const app = await (await fromFactory().compile()).init();
      apps.push(app);
      expect(await clientsOf(second.url)).toHaveLength(COMMANDS_AND_SIGNALS);
    });

    it('are not opened when the service is overridden in a test', async () => {
      const app = await (await fromFactory().overrideProvider(CacheService).useValue({}).compile()).init();
      apps.push(app);
      expect([await clientsOf(first.url), await clientsOf(second.url)]).toEqual([[], []]);
    });
  });

  it('are not opened when the service is overridden in a test', async () => {
    const fake = { get: () => 'from the fake' };
    const app = await start({ override: (builder) => builder.overrideProvider(CacheService).useValue(fake) });
    expect(await app.get(CacheService).get('a')).toBe('from the fake');
    expect(await clientsOf(first.url)).toHaveLength(0);
  });

  it('are opened by the first command of an injected client', async () => {
    const app = await start();
    const durable = app.get<Redis>(getRedisToken('durable'));
    expect(await durable.ping()).toBe('PONG');
    expect(await clientsOf(second.url)).toHaveLength(1);
    expect(app.get<RedisConnection>(getConnectionToken('durable')).status).toBe('ready');
  });

  it('belong to one application: closing it leaves the other its own', async () => {
    const one = await start();
    const other = await start();
    expect(await clientsOf(first.url)).toHaveLength(2 * COMMANDS_AND_SIGNALS);

    await one.close();
    await other.get(CacheService).set('still', 'here');
    expect(await other.get(CacheService).get('still')).toBe('here');
    expect(await clientsOf(first.url)).toHaveLength(COMMANDS_AND_SIGNALS);
    await expect(one.get(CacheService).set('too', 'late')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it('of a client of the user stay open and are left without listeners of ours', async () => {
    const client = new Redis(first.url, { lazyConnect: true });
    const listeners = (): number => client.eventNames().reduce((sum, event) => sum + client.listenerCount(event), 0);
    const before = listeners();
    const app = await start({ connections: undefined, connection: { client } });
    await app.get(CacheService).set('a', 1);
    await app.close();

    expect(client.status).toBe('ready');
    expect(listeners()).toBe(before);
    expect(await clientsOf(first.url)).toHaveLength(1);
    await client.quit();
  });

  it('are closed only after what is under way has ended', async () => {
    const app = await start();
    const cache = app.get(CacheService);
    const writes = Array.from({ length: 200 }, (_, at) => cache.set(`key:${at}`, at));
    await app.close();
    await expect(Promise.all(writes)).resolves.toHaveLength(200);
  });
});
