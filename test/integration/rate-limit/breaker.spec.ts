import { Redis } from 'ioredis';
import { CacheService, type Duration, RateLimitService, RedisCacheEvents, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';

type Server = Awaited<ReturnType<typeof launchServer>>;

const charge = { policy: { name: 'tried', limit: 1_000, window: '1h' }, subject: 's' } as const;
const isTimeout = (error: unknown): boolean => (error as { code?: string } | undefined)?.code === 'RATE_LIMIT_TIMEOUT';

describe('limits and the breaker of a server', () => {
  let server: Server;
  let direct: Redis;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    server = await launchServer({ quiet: true });
    direct = new Redis(server.url);
  });
  afterEach(async () => {
    process.kill(server.pid!, 'SIGCONT');
    for (const close of closing.splice(0)) await close();
    direct.disconnect();
    await server.stop();
  });

  const open = async ({ commandTimeout, timeout }: Record<'commandTimeout' | 'timeout', Duration>) => {
    const app = await startApp({ connection: { url: server.url, commandTimeout }, rateLimit: { timeout } });
    closing.push(() => app.close());
    const limits = app.get(RateLimitService);
    const events = app.get(RedisCacheEvents);
    const states: string[] = [];
    const failures: unknown[] = [];
    await app.get(RedisConnection).open();
    await limits.consume(charge);
    events.on('connection:breaker', ({ state }) => states.push(state));
    events.on('rate-limit:unavailable', ({ error }) => failures.push(error));
    const consume = (times: number) => Promise.all(Array.from({ length: times }, () => limits.consume(charge)));
    return { app, limits, states, failures, consume };
  };

  it('a server that has stopped is not asked by each request: the process decides at once, until it goes on', async () => {
    const { states, failures, consume, limits } = await open({ commandTimeout: '1s', timeout: '300ms' });
    process.kill(server.pid!, 'SIGSTOP');
    const first = await consume(10);
    expect(first.every(({ isAllowed, decidedBy }) => isAllowed && decidedBy === 'memory')).toBe(true);
    expect(failures.filter(isTimeout)).toHaveLength(10);
    await eventually(() => expect(states.at(-1)).toBe('open'));
    const later = await consume(500);
    expect(later.every(({ isAllowed, decidedBy }) => isAllowed && decidedBy === 'memory')).toBe(true);
    expect((await limits.peek(charge)).decidedBy).toBe('memory');
    // None of these waited for an answer.
    expect(failures.filter(isTimeout)).toHaveLength(10);
    process.kill(server.pid!, 'SIGCONT');
    await eventually(async () => expect((await limits.peek(charge)).decidedBy).toBe('redis'));
    // What Redis counted when it went on was decided here: it is taken back.
    await eventually(async () => expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 999 }));
  });

  it('a server that is only too slow for limits serves the cache: its breaker stays closed', async () => {
    const { app, states, failures, consume } = await open({ commandTimeout: '10s', timeout: '50ms' });
    const cache = app.get(CacheService);
    await cache.set('key', 'value');
    await direct.client('PAUSE', 400, 'ALL' as never);
    const [decisions, value] = await Promise.all([consume(20), cache.get('key')]);
    expect(decisions.every(({ decidedBy }) => decidedBy === 'memory')).toBe(true);
    expect(failures.filter(isTimeout)).toHaveLength(20);
    expect(value).toBe('value');
    expect(states).toEqual([]);
  });

  it('what the cache has to set right before it uses a server again keeps no limit waiting', async () => {
    const { app, states, consume } = await open({ commandTimeout: '10s', timeout: '5s' });
    const { servers } = app.get(RedisConnection);
    let isAsked = false;
    servers.beforeUse(() => {
      isAsked = true;
      return new Promise(() => undefined);
    });
    await direct.call('CLIENT', 'KILL', 'TYPE', 'normal');
    await eventually(() => expect(isAsked).toBe(true));
    expect(states).toEqual(['half-open']);
    const decisions = await consume(5);
    expect(decisions.map(({ decidedBy }) => decidedBy)).toEqual(Array.from({ length: 5 }, () => 'redis'));
  });
});
