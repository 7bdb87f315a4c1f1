import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getConnectionToken, type RedisConnection, RedisCacheEvents } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { OldFileServer } from './old-file-server.js';

describe('a server that comes back with an old file', () => {
  let server: OldFileServer;
  const apps: INestApplicationContext[] = [];

  beforeEach(async () => {
    server = await OldFileServer.start();
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await server.stop();
  });

  const start = async (keyPrefix: string): Promise<CacheService> => {
    const app = await startApp({ connection: { url: server.url, commandTimeout: '2s' }, keyPrefix });
    apps.push(app);
    return app.get(CacheService);
  };
  const up = (cache: CacheService) => eventually(() => expect(cache.health().status).toBe('up'), { withinMs: 15_000 });

  it('has nothing that was written before, for those who knew it and for those who come', async () => {
    const keyPrefix = uniquePrefix();
    const one = await start(keyPrefix);
    await one.set('evicted', 'old', { tags: ['t'] });
    await one.set('kept', 'old');
    await one.set('json', 'x'); // so that there is something to save
    await server.save();
    expect(await one.invalidate({ tags: ['t'] })).toEqual({ removed: 1, delivered: true });
    await server.restart();
    await up(one);

    const other = await start(keyPrefix);
    for (const cache of [one, other]) {
      expect(await cache.getMany(['evicted', 'kept'])).toEqual(new Map());
      expect(await cache.has('kept')).toBe(false);
      expect(await cache.ttl('kept')).toBeUndefined();
      expect(await cache.touch('kept')).toBe(false);
      const why = expect.stringContaining('older than the start of its server');
      expect(await cache.explain('kept')).toMatchObject({ tier: 'none', why });
    }
    expect(await other.pull('kept')).toBeUndefined();
    await server.raw('exists', `${keyPrefix}:cache:default:evicted`).then((exists) => expect(exists).toBe(0));
  });

  it('gives its leases to those who load anew, and what they load is stored', async () => {
    const one = await start(uniquePrefix());
    await one.set('key', 'old');
    await server.save();
    await server.restart();
    await up(one);
    expect(await one.getOrSet('key', () => 'new')).toBe('new');
    expect(await one.get('key')).toBe('new');
    expect(await one.add('key', 'another')).toBe(false);
  });

  it('hears again what was evicted a moment ago, before anybody here reads', async () => {
    const keyPrefix = uniquePrefix();
    const one = await start(keyPrefix);
    await one.increment('counted'); // without an envelope nobody can tell how old it is
    await server.save();
    await one.invalidate({ keys: ['counted'] });
    await server.restart();
    await up(one);
    expect(await one.get('counted')).toBeUndefined();
    expect(await server.raw('exists', `${keyPrefix}:cache:default:counted`)).toBe(0);
  });

  it('does not get what was loaded under a lease from before', async () => {
    const keyPrefix = uniquePrefix();
    const one = await start(keyPrefix);
    let finish = (_: string): void => undefined;
    let begun = false;
    const loaded = one.getOrSet('key', () => {
      begun = true;
      return new Promise<string>((resolve) => (finish = resolve));
    });
    await eventually(() => expect(begun).toBe(true));
    await server.save(); // with the lease
    await server.restart();
    await up(one);
    expect(await server.raw('exists', `${keyPrefix}:cache-lease:default:key`)).toBe(1);
    finish('old');
    expect(await loaded).toBe('old');
    expect(await server.raw('exists', `${keyPrefix}:cache:default:key`)).toBe(0);
  });

  it('is asked who it is before a read goes to it', async () => {
    const one = await start(uniquePrefix());
    const states: string[] = [];
    apps[0]!.get(RedisCacheEvents).on('connection:breaker', ({ state }) => states.push(state));
    await server.restart();
    await up(one);
    expect(states[0]).toBe('half-open');
    expect(states.at(-1)).toBe('closed');
    const { status } = apps[0]!.get<RedisConnection>(getConnectionToken());
    expect(status).toBe('ready');
  });
});
