import { Controller, Get } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  CacheService,
  RateLimit,
  type RateLimitDecision,
  RateLimitService,
  RedisCacheEvents,
  RedisConnection,
} from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { startFaultProxy } from '../../support/fault-proxy.js';
import { callsOf } from '../../support/server-statistics.js';
import { startApp } from '../../support/test-app.js';
import { PLATFORMS, start } from './start.js';

type Server = Awaited<ReturnType<typeof launchServer>>;

const perHour = { name: 'tried', limit: 5, window: '1h' } as const;

@Controller()
class LimitedController {
  @Get()
  @RateLimit(perHour)
  get(): string {
    return 'fine';
  }
}

describe('limits while Redis', () => {
  let server: Server;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    server = await launchServer({ quiet: true });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await server.stop();
  });

  const open = async (rateLimit = {}, connection: object = { url: server.url }) => {
    const app = await startApp({
      connection: connection as never,
      rateLimit: { timeout: '5s', ...rateLimit },
      // A cache would send commands of its own, which are counted here.
      override: (builder) => builder.overrideProvider(CacheService).useValue({}),
    });
    closing.push(() => app.close());
    await app.get(RedisConnection).open();
    return { app, limits: app.get(RateLimitService), events: app.get(RedisCacheEvents) };
  };

  const consume = async (limits: RateLimitService, times: number, policies: object[] = [perHour]) => {
    const decisions: RateLimitDecision[] = [];
    for (let time = 0; time < times; time += 1) {
      decisions.push(
        await limits.consume(policies.map((policy) => ({ policy: policy as typeof perHour, subject: 's' }))),
      );
    }
    return decisions;
  };

  const allowed = (decisions: RateLimitDecision[]) => decisions.filter(({ isAllowed }) => isAllowed).length;

  it.each(PLATFORMS)(
    'is killed under load are kept by the process: no answer but 200 and 429 (%s)',
    async (platform) => {
      const { get, app } = await start({
        platform,
        controllers: [LimitedController],
        redisUrl: server.url,
        rateLimit: { timeout: '50ms' },
      });
      closing.push(() => app.close());
      const statuses: number[] = [];
      for (let round = 0; round < 20; round += 1) {
        if (round === 5) await server.stop();
        statuses.push(...(await Promise.all(Array.from({ length: 10 }, async () => (await get('/')).status))));
      }
      expect(statuses).toHaveLength(200);
      expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
      // What Redis had let in, and once more as many by the process alone.
      expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
    },
  );

  it('is away are kept by the process, let all in, or let nobody in', async () => {
    const { limits, events } = await open();
    const errors: unknown[] = [];
    events.on('rate-limit:unavailable', ({ error }) => errors.push(error));
    await server.stop();
    const local = await consume(limits, 8);
    expect(allowed(local)).toBe(5);
    expect(local.at(0)).toMatchObject({ decidedBy: 'memory' });
    expect(allowed(await consume(limits, 8, [{ ...perHour, name: 'open', onUnavailable: 'allow' }]))).toBe(8);
    const denied = await consume(limits, 2, [perHour, { ...perHour, name: 'shut', onUnavailable: 'deny' }]);
    expect(denied.at(1)).toMatchObject({ isAllowed: false, decidedBy: 'policy', violated: ['shut'] });
    expect(errors.length).toBeGreaterThanOrEqual(16);
  });

  it('does not answer: the deadline decides, and what Redis counted meanwhile is taken back', async () => {
    const { limits, app } = await open({ timeout: '50ms' }, { url: server.url, commandTimeout: '10s' });
    await consume(limits, 1);
    const direct = new Redis(server.url);
    closing.push(async () => direct.disconnect());
    await direct.client('PAUSE', 1_000, 'ALL' as never);
    const [decision] = await consume(limits, 1);
    expect(decision).toMatchObject({ isAllowed: true, decidedBy: 'memory' });
    await direct.ping(); // the pause is over
    await app.get(RedisConnection).ping();
    await eventually(async () => {
      const [status] = (await limits.peek({ policy: perHour, subject: 's' })).limits;
      expect(await callsOf(server.url, 'hmget')).toBe(2);
      expect(status).toMatchObject({ remaining: 4 });
    });
  });

  it('has lost the reply: sent again, a request counts once', async () => {
    const proxy = await startFaultProxy(server.port);
    closing.push(() => proxy.stop());
    const { limits } = await open(
      {},
      { host: '127.0.0.1', port: proxy.port, commandTimeout: '10s', retry: { attempts: 20 } },
    );
    for (const algorithm of ['sliding-window', 'fixed-window', 'gcra', 'concurrency'] as const) {
      const charge = { policy: { ...perHour, algorithm }, subject: algorithm };
      await limits.consume(charge);
      const before = await callsOf(server.url, 'evalsha');
      proxy.dropReplyTo('evalsha');
      expect(await limits.consume(charge)).toMatchObject({ isAllowed: true, decidedBy: 'redis' });
      expect((await callsOf(server.url, 'evalsha')) - before).toBe(2);
      expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 3 });
    }
  });

  it('is a copy for a moment: a request is sent again until there is a primary', async () => {
    const { limits } = await open({}, { url: server.url, retry: { attempts: 50 } });
    await consume(limits, 1);
    const direct = new Redis(server.url);
    closing.push(async () => direct.disconnect());
    await direct.replicaof('127.0.0.1', '1');
    const before = await callsOf(server.url, 'evalsha');
    const deciding = consume(limits, 1);
    await eventually(async () => expect((await callsOf(server.url, 'evalsha')) - before).toBeGreaterThan(1));
    await direct.replicaof('NO', 'ONE');
    expect(await deciding).toMatchObject([{ isAllowed: true, decidedBy: 'redis' }]);
    expect((await limits.peek({ policy: perHour, subject: 's' })).limits[0]).toMatchObject({ remaining: 3 });
  });

  it('has forgotten all scripts', async () => {
    const { limits } = await open();
    const direct = new Redis(server.url);
    closing.push(async () => direct.disconnect());
    for (let time = 0; time < 3; time += 1) {
      await direct.script('FLUSH');
      const [decision] = await consume(limits, 1);
      expect(decision).toMatchObject({ isAllowed: true, decidedBy: 'redis' });
      await direct.script('FLUSH');
      await limits.refund(decision!);
    }
    expect((await limits.peek({ policy: perHour, subject: 's' })).limits[0]).toMatchObject({ remaining: 5 });
  });

  it('is asked once for three policies of one subject, by digest, and not at all for who was just refused', async () => {
    const { limits } = await open();
    const policies = ['a', 'b', 'c'].map((name) => ({ ...perHour, name, limit: name === 'c' ? 3 : 5 }));
    await consume(limits, 1, policies);
    const before = { evalsha: await callsOf(server.url, 'evalsha'), eval: await callsOf(server.url, 'eval') };
    await consume(limits, 2, policies);
    expect(await callsOf(server.url, 'evalsha')).toBe(before.evalsha + 2);
    const refused = await consume(limits, 5, policies);
    expect(allowed(refused)).toBe(0);
    expect(await callsOf(server.url, 'evalsha')).toBe(before.evalsha + 3);
    expect(await callsOf(server.url, 'eval')).toBe(before.eval);
    expect(refused.map(({ decidedBy }) => decidedBy)).toEqual(['redis', ...Array.from({ length: 4 }, () => 'memory')]);
    expect(refused.at(-1)).toMatchObject({ violated: ['c'] });
  });

  it('may evict them: a warning at boot tells the way out', async () => {
    const direct = new Redis(server.url);
    closing.push(async () => direct.disconnect());
    await direct.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { app, logger } = await start({
      platform: 'express',
      controllers: [LimitedController],
      redisUrl: server.url,
    });
    closing.push(() => app.close());
    expect(logger).toBeInstanceOf(CollectingLogger);
    expect(logger.containing('maxmemory-policy allkeys-lru')).toHaveLength(1);
    expect(logger.containing("rateLimit: { connection: 'durable' }")).toHaveLength(1);
  });
});
