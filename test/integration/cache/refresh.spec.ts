import { AsyncLocalStorage } from 'node:async_hooks';
import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RedisCacheEvents } from 'nestjs-redis-cache';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

describeEachTopology('refresh', ({ connection }) => {
  let app: INestApplicationContext;
  let cache: CacheService;

  beforeAll(async () => {
    app = await startApp({ connection });
    cache = app.get(CacheService);
  });
  afterAll(() => app.close());

  it('loads in the background of the readers, once, outside of the request', async () => {
    const request = new AsyncLocalStorage<string>();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await cache.set('refreshed', 'old');
    let seen: string | undefined = 'nothing';
    const load = async (): Promise<string> => {
      seen = request.getStore();
      await opened;
      return 'new';
    };
    const first = request.run('mine', () => cache.refresh('refreshed', load));
    expect(await cache.get('refreshed')).toBe('old');
    expect(await cache.refresh('refreshed', () => 'superfluous')).toBe(false);
    open();
    expect(await first).toBe(true);
    expect(seen).toBeUndefined();
    expect(await cache.get('refreshed')).toBe('new');
  });

  it('tells what the load throws, and keeps what is there', async () => {
    const failures: unknown[] = [];
    const stop = app.get(RedisCacheEvents).on('cache:refresh-failed', ({ error }) => failures.push(error));
    const outage = new Error('the database is away');
    await cache.set('kept', 'old');
    expect(await cache.refresh('kept', () => Promise.reject(outage))).toBe(false);
    stop();
    expect(failures).toEqual([outage]);
    expect(await cache.get('kept')).toBe('old');
    expect((await cache.explain('kept')).lease).toBeNull();
  });
});
