import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, RateLimitService, RedisConnection } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { callsOf } from '../../support/server-statistics.js';
import { startApp } from '../../support/test-app.js';

const keyPrefix = 'joint';
const perHour = { name: 'tried', limit: 10, window: '1h', algorithm: 'fixed-window' } as const;

describe('requests that come together', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let app: INestApplicationContext;
  let limits: RateLimitService;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    app = await startApp({
      connection: { url: server.url },
      keyPrefix,
      rateLimit: { timeout: '5s', readableKeys: true },
      override: (builder) => builder.overrideProvider(CacheService).useValue({}),
    });
    limits = app.get(RateLimitService);
    await app.get(RedisConnection).open();
    await limits.consume({ policy: perHour, subject: 'loads the script' });
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const consume = (subjects: readonly string[]) =>
    Promise.all(subjects.map((subject) => limits.consume({ policy: perHour, subject })));

  it('go to Redis as one script', async () => {
    const before = await callsOf(server.url, 'evalsha');
    await consume(Array.from({ length: 50 }, (_, at) => `caller ${at}\n`));
    expect((await callsOf(server.url, 'evalsha')) - before).toBe(1);
  });

  it('are decided each for itself', async () => {
    const decisions = await consume(Array.from({ length: 150 }, (_, at) => (at % 2 === 0 ? 'greedy' : `modest ${at}`)));
    const [greedy, modest] = [0, 1].map((half) => decisions.filter((_, at) => at % 2 === half));
    expect(greedy!.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
    expect(modest!.filter(({ isAllowed }) => isAllowed)).toHaveLength(75);
  });

  it('are not harmed by the broken state of another', async () => {
    const { client } = app.get(RedisConnection);
    await client.lpush(`${keyPrefix}:rate-limit:tried:broken:fixed:3600000`, 'no window');
    const decisions = await consume(['before', 'broken', 'after']);
    expect(decisions.map(({ decidedBy }) => decidedBy)).toEqual(['redis', 'memory', 'redis']);
    const again = await consume(['before', 'after']);
    expect(again.map((decision) => decision.limits[0]!.remaining)).toEqual([8, 8]);
  });
});
