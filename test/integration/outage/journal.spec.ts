import type { INestApplicationContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { CacheEvict, CacheService, type CacheOptions, RedisCacheEvents } from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { FaultyServer } from './faults.js';

@Injectable()
class Products {
  @CacheEvict({ key: '{0}' })
  async update(_id: string): Promise<string> {
    return 'updated';
  }

  @CacheEvict({ key: '{0}', when: 'always' })
  async failing(_id: string): Promise<string> {
    throw new Error('the reason');
  }
}

describe('evictions that Redis does not hear', () => {
  let server: FaultyServer;
  const apps: INestApplicationContext[] = [];
  const logger = new CollectingLogger();

  beforeEach(async () => {
    server = await FaultyServer.start();
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await server.stop();
  });

  /** One whose link can be cut; without a link it speaks to the server directly. */
  async function start(cache: CacheOptions = {}, keyPrefix = uniquePrefix()): Promise<INestApplicationContext> {
    const url = `redis://127.0.0.1:${server.proxy.port}`;
    const connection = { url, commandTimeout: '300ms' } as const;
    const app = await startApp({ connection, keyPrefix, cache, providers: [Products], logger });
    apps.push(app);
    return app;
  }
  const cut = (): void => server.proxy.misbehave('black hole');
  const mend = async (app: INestApplicationContext): Promise<void> => {
    server.proxy.misbehave('none');
    await eventually(() => expect(app.get(CacheService).health().status).toBe('up'), { withinMs: 15_000 });
  };

  it('are not read past here, and others read the old value until they are delivered', async () => {
    const keyPrefix = uniquePrefix();
    const app = await start({}, keyPrefix);
    const cache = app.get(CacheService);
    const other = await startApp({ connection: { url: `redis://127.0.0.1:${server.admin.options.port}` }, keyPrefix });
    apps.push(other);
    const elsewhere = other.get(CacheService);
    for (const key of ['byKey', 'like:1', 'tagged', 'kept']) await cache.set(key, 'old', { tags: [`${key}-tag`] });

    cut();
    const evictions = [
      cache.invalidate({ keys: ['byKey'] }),
      cache.invalidate('like:*'),
      cache.invalidate({ tags: ['tagged-tag'] }),
    ];
    for (const outcome of await Promise.all(evictions)) expect(outcome).toEqual({ removed: 0, delivered: false });
    expect(cache.health()).toMatchObject({ journal: { pending: 3, coversAll: false } });
    expect(await elsewhere.get('byKey')).toBe('old');

    // The link is whole again, and the server refuses evictions: what is not waiting for one can be read.
    await server.admin.acl('SETUSER', 'default', '-unlink');
    server.proxy.misbehave('none');
    await eventually(async () => expect(await cache.get('kept')).toBe('old'), { withinMs: 15_000 });
    await eventually(async () => {
      expect(await cache.get('kept')).toBe('old'); // it can be read
      expect(cache.health().journal.pending).toBe(3);
      expect(await cache.getMany(['byKey', 'like:1', 'tagged'])).toEqual(new Map());
    });
    for (const key of ['byKey', 'like:1', 'tagged'])
      expect(await cache.explain(key)).toMatchObject({
        ...{ tier: 'none', state: 'fresh' },
        why: expect.stringContaining('waits in its journal'),
      });
    expect(await cache.explain('kept')).toMatchObject({ tier: 'redis', why: 'It is fresh: a read is a hit.' });
    expect((await elsewhere.explain('byKey')).tier).toBe('redis');
    expect([await cache.has('byKey'), await cache.has('tagged')]).toEqual([false, false]);
    expect(await cache.ttl('like:1')).toBeUndefined();
    expect(await cache.getOrSet('tagged', () => 'new')).toBe('new');

    await server.admin.acl('SETUSER', 'default', '+unlink');
    await mend(app);
    for (const key of ['byKey', 'like:1', 'tagged']) expect(await elsewhere.get(key)).toBeUndefined();
    expect(await elsewhere.get('kept')).toBe('old');
  });

  it('are all delivered when calls may pass again', async () => {
    const app = await start();
    const cache = app.get(CacheService);
    await cache.set('key', 'old');
    const pendingWhenClosed: number[] = [];
    app.get(RedisCacheEvents).on('connection:breaker', ({ state }) => {
      if (state === 'closed') pendingWhenClosed.push(cache.health().journal.pending);
    });
    cut();
    await cache.delete('key');
    await mend(app);
    expect(pendingWhenClosed).toEqual([0]);
  });

  it('are repeated to a server that is in use, and has only refused them', async () => {
    const keyPrefix = uniquePrefix();
    const app = await start({}, keyPrefix);
    const cache = app.get(CacheService);
    await cache.set('key', 'old');
    const states: string[] = [];
    app.get(RedisCacheEvents).on('connection:breaker', ({ state }) => states.push(state));
    await server.admin.acl('SETUSER', 'default', '-unlink');
    expect(await cache.delete('key')).toBe(false);
    expect(cache.health()).toMatchObject({ status: 'degraded', breaker: 'closed' });
    await server.admin.acl('SETUSER', 'default', '+unlink');
    await eventually(() => expect(cache.health().status).toBe('up'), { withinMs: 15_000 });
    expect(await server.admin.exists(`${keyPrefix}:cache:default:key`)).toBe(0);
    expect(states).toEqual([]);
  });

  it('are told once in the log when they begin and once when all are delivered', async () => {
    const app = await start();
    const cache = app.get(CacheService);
    const before = logger.containing('evictions have').length;
    cut();
    await Promise.all(['a', 'b', 'c'].map((key) => cache.delete(key)));
    expect(logger.containing('evictions have').length - before).toBe(1);
    await mend(app);
    expect(logger.containing('evictions have').length - before).toBe(2);
  });

  it('end what is shared: who comes afterwards loads anew, and one load serves all of them', async () => {
    const app = await start();
    const cache = app.get(CacheService);
    cut();
    await cache.get('until the breaker opens');
    let loads = 0;
    let finish = (): void => undefined;
    const slow = cache.getOrSet('key', () => {
      loads += 1;
      return new Promise<string>((resolve) => (finish = () => resolve('before')));
    });
    await eventually(() => expect(loads).toBe(1));
    const evicting = cache.invalidate({ keys: ['key'] });
    const load = async (): Promise<string> => `after ${(loads += 1)}`;
    const after = await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet('key', load)));
    await evicting;
    finish();
    expect(await slow).toBe('before');
    expect(after).not.toContain('before');
    expect(loads).toBeLessThanOrEqual(4);
  });

  it("reject with 'throw', with what the method or the unit has returned", async () => {
    const app = await start({ onUndelivered: 'throw' });
    const cache = app.get(CacheService);
    const products = app.get(Products);
    await cache.set('1', 'old');
    cut();
    const undelivered = { code: 'UNDELIVERED_EVICTION', namespace: 'default' };
    await expect(products.update('1')).rejects.toMatchObject({ ...undelivered, result: 'updated' });
    await expect(products.failing('2')).rejects.toThrow('the reason');
    await expect(cache.delete('3')).rejects.toMatchObject(undelivered);
    const unit = cache.unitOfWork(async () => {
      await cache.delete('4');
      return 'committed';
    });
    await expect(unit).rejects.toMatchObject({ ...undelivered, result: 'committed' });
    await mend(app);
    expect(await cache.get('1')).toBeUndefined();
  });

  it('follow what may have been stored, added or taken out', async () => {
    const keyPrefix = uniquePrefix();
    const app = await start({}, keyPrefix);
    const cache = app.get(CacheService);
    for (const key of ['set', 'pulled']) await cache.set(key, 'old');
    await cache.increment('counted'); // a script that the server does not know yet would not run at the first attempt
    server.proxy.misbehave('drop replies');
    const outcomes = await Promise.allSettled([
      cache.set('set', 'new'),
      cache.add('added', 'new'),
      cache.pull('pulled'),
      cache.increment('counted'),
    ]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual([
      'COMMAND_TIMEOUT',
      'UNKNOWN_OUTCOME',
      'UNKNOWN_OUTCOME',
      'UNKNOWN_OUTCOME',
    ]);
    expect(cache.health().journal.pending).toBe(3);
    await mend(app);
    expect(await cache.getMany(['set', 'added', 'pulled'])).toEqual(new Map());
    expect(await cache.get('counted')).toBe(2);
  });

  it('have the whole namespace, and no other, bypassed until it is cleared, when there are too many', async () => {
    const keyPrefix = uniquePrefix();
    const app = await start({ namespaces: { other: {} } }, keyPrefix);
    const cache = app.get(CacheService);
    const other = cache.namespace('other');
    await cache.set('kept', 'old');
    await other.set('kept', 'old');
    cut();
    const keys = Array.from({ length: 10_001 }, (_, at) => `key ${at}`);
    expect(await cache.invalidate({ keys })).toEqual({ removed: 0, delivered: false });
    expect(cache.health().journal).toEqual({ pending: 1, coversAll: true });

    await server.admin.acl('SETUSER', 'default', '-unlink');
    server.proxy.misbehave('none');
    await eventually(async () => expect(await other.get('kept')).toBe('old'), { withinMs: 15_000 });
    expect(await cache.get('kept')).toBeUndefined();
    expect(await server.admin.exists(`${keyPrefix}:cache:default:kept`)).toBe(1);

    await server.admin.acl('SETUSER', 'default', '+unlink');
    await mend(app);
    expect(cache.health().journal).toEqual({ pending: 0, coversAll: false });
    expect(await server.admin.exists(`${keyPrefix}:cache:default:kept`)).toBe(0);
    await cache.set('kept', 'new');
    expect(await cache.get('kept')).toBe('new');
    expect(await other.get('kept')).toBe('old');
  });

  it('are lost with the application that ends before they are delivered: an event and the log say so', async () => {
    const app = await start({ namespaces: { other: {} } });
    const lost: unknown[] = [];
    app.get(RedisCacheEvents).on('cache:evictions-lost', ({ namespace, pending }) => lost.push([namespace, pending]));
    const before = logger.containing('before the application ended').length;
    cut();
    await app.get(CacheService).invalidate({ keys: ['a', 'b'], tags: ['c'] });
    await app.close();
    expect(lost).toEqual([['default', 3]]);
    expect(logger.containing('before the application ended').length - before).toBe(1);
  });

  it('are not said to be lost when all have been delivered', async () => {
    const app = await start();
    const lost: unknown[] = [];
    app.get(RedisCacheEvents).on('cache:evictions-lost', (event) => lost.push(event));
    cut();
    await app.get(CacheService).delete('a');
    await mend(app);
    await app.close();
    expect(lost).toEqual([]);
  });
});
