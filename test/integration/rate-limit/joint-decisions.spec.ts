import type { INestApplicationContext } from '@nestjs/common';
import {
  CacheService,
  type RateLimitDecision,
  RateLimitService,
  RedisCacheEvents,
  RedisConnection,
  type RedisReplyError,
} from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { startFaultProxy } from '../../support/fault-proxy.js';
import { callsOf } from '../../support/server-statistics.js';
import { startApp } from '../../support/test-app.js';

const keyPrefix = 'joint';
const perHour = { name: 'tried', limit: 10, window: '1h', algorithm: 'fixed-window' } as const;
const ALGORITHMS = ['sliding-window', 'fixed-window', 'gcra', 'concurrency'] as const;

describe('requests that come together', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let app: INestApplicationContext;
  let limits: RateLimitService;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    app = await open({ url: server.url });
    limits = app.get(RateLimitService);
    await limits.consume({ policy: perHour, subject: 'loads the script' });
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  async function open(connection: object): Promise<INestApplicationContext> {
    const opened = await startApp({
      connection: connection as never,
      keyPrefix,
      rateLimit: { timeout: '5s', readableKeys: true },
      override: (builder) => builder.overrideProvider(CacheService).useValue({}),
    });
    await opened.get(RedisConnection).open();
    return opened;
  }

  const consume = (subjects: readonly string[]) =>
    Promise.all(subjects.map((subject) => limits.consume({ policy: perHour, subject })));

  const admitted = (decisions: readonly RateLimitDecision[]) => decisions.filter(({ isAllowed }) => isAllowed);

  const notes = () => app.get(RedisConnection).client.keys(`${keyPrefix}:rate-limit-notes:*`);

  it('go to Redis as one script', async () => {
    const before = await callsOf(server.url, 'evalsha');
    await consume(Array.from({ length: 50 }, (_, at) => `caller ${at}\n`));
    expect((await callsOf(server.url, 'evalsha')) - before).toBe(1);
  });

  it.each(ALGORITHMS)('are refused by the same script, and have consumed nothing (%s)', async (algorithm) => {
    const charge = { policy: { ...perHour, algorithm }, subject: 'one of many' };
    const before = await callsOf(server.url, 'evalsha');
    const decisions = await Promise.all(Array.from({ length: 50 }, () => limits.consume(charge)));
    expect((await callsOf(server.url, 'evalsha')) - before).toBe(1);
    expect(decisions.every(({ decidedBy }) => decidedBy === 'redis')).toBe(true);
    expect(admitted(decisions)).toHaveLength(10);
    await limits.refund(admitted(decisions)[0]!);
    expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 1 });
  });

  it('are decided each for itself', async () => {
    const decisions = await consume(Array.from({ length: 150 }, (_, at) => (at % 2 === 0 ? 'greedy' : `modest ${at}`)));
    const [greedy, modest] = [0, 1].map((half) => decisions.filter((_, at) => at % 2 === half));
    expect(admitted(greedy!)).toHaveLength(10);
    expect(admitted(modest!)).toHaveLength(75);
  });

  it('count each for all of its limits or for none', async () => {
    const shared = { policy: { ...perHour, name: 'shared', limit: 100 }, subject: 'all' };
    const decisions = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        limits.consume([shared, { policy: { ...perHour, name: 'own', limit: at % 2 }, subject: `own ${at}` }]),
      ),
    );
    expect(decisions.map(({ isAllowed }) => isAllowed)).toEqual(Array.from({ length: 40 }, (_, at) => at % 2 === 1));
    expect((await limits.peek(shared)).limits[0]).toMatchObject({ remaining: 80 });
  });

  it('are not harmed by the broken state of another, which has counted for none of its limits', async () => {
    const { client } = app.get(RedisConnection);
    await client.lpush(`${keyPrefix}:rate-limit:tried:broken:fixed:3600000`, 'no window');
    const sound = { policy: { ...perHour, name: 'sound' }, subject: 'broken' };
    const codes: unknown[] = [];
    const stop = app
      .get(RedisCacheEvents)
      .on('rate-limit:unavailable', ({ error }) => codes.push((error as RedisReplyError).code));
    const decisions = await Promise.all([
      limits.consume({ policy: perHour, subject: 'before' }),
      limits.consume([sound, { policy: perHour, subject: 'broken' }]),
      limits.consume({ policy: perHour, subject: 'after' }),
    ]);
    stop();
    expect(decisions.map(({ decidedBy }) => decidedBy)).toEqual(['redis', 'memory', 'redis']);
    expect(codes).toEqual(['REDIS_REPLY']);
    const again = await consume(['before', 'after']);
    expect(again.map((decision) => decision.limits[0]!.remaining)).toEqual([8, 8]);
    expect((await limits.peek(sound)).limits[0]).toMatchObject({ remaining: 10 });
  });

  it('each count, also when others only look in the same tick', async () => {
    const charge = { policy: { ...perHour, limit: 100 }, subject: 'looked at' };
    const asking = Array.from({ length: 60 }, (_, at) =>
      at % 20 === 19 ? limits.peek(charge) : limits.consume(charge),
    );
    const decisions = await Promise.all(asking);
    expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 43 });
    for (const decision of admitted(decisions)) await limits.refund(decision);
    expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 100 });
  });

  it('are no more limits at once than a script can take, and so is each', async () => {
    const charges = (of: string, many: number) =>
      Array.from({ length: many }, (_, at) => ({ policy: { ...perHour, name: `${of}-${at}` }, subject: of }));
    const decisions = await Promise.all(Array.from({ length: 60 }, (_, at) => limits.consume(charges(`m${at}`, 200))));
    expect(decisions.every(({ decidedBy }) => decidedBy === 'redis')).toBe(true);
    await expect(limits.consume(charges('too many', 1_001))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('may take more slots than a command of Lua has arguments', async () => {
    const slots = { ...perHour, algorithm: 'concurrency', limit: 20_000 } as const;
    const decision = await limits.consume({ policy: slots, subject: 'wide', cost: 10_000 });
    expect(decision).toMatchObject({ decidedBy: 'redis', isAllowed: true });
    await limits.refund(decision);
    expect((await limits.peek({ policy: slots, subject: 'wide' })).limits[0]).toMatchObject({ remaining: 20_000 });
  });

  it.each(ALGORITHMS)('count once when they are sent again, refused ones and all (%s)', async (algorithm) => {
    const proxy = await startFaultProxy(server.port);
    const away = await open({ host: '127.0.0.1', port: proxy.port, commandTimeout: '10s', retry: { attempts: 20 } });
    const charge = { policy: { ...perHour, algorithm, limit: 15 }, subject: 'sent twice' };
    const before = await callsOf(server.url, 'evalsha');
    proxy.dropReplyTo('evalsha');
    const decisions = await Promise.all(
      Array.from({ length: 20 }, () => away.get(RateLimitService).consume({ ...charge, cost: 2 })),
    );
    expect((await callsOf(server.url, 'evalsha')) - before).toBe(2);
    expect(admitted(decisions)).toHaveLength(7);
    expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 1 });
    await away.close();
    await proxy.stop();
  });

  it('are noted together, also with those of other ticks, and for a time', async () => {
    const before = new Set(await notes());
    for (let tick = 0; tick < 30; tick += 1) await consume([`a ${tick}`, `b ${tick}`, `c ${tick}`]);
    const added = (await notes()).filter((key) => !before.has(key));
    expect(added.length).toBeLessThanOrEqual(3);
    const { client } = app.get(RedisConnection);
    for (const key of added) expect(await client.pttl(key)).toBeGreaterThan(60_000);
    for (const key of added) expect(await client.object('ENCODING', key)).toBe('listpack');
  });
});
