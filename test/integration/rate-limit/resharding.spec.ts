import type { INestApplicationContext } from '@nestjs/common';
import { RateLimitService, RedisConnection } from 'nestjs-redis-cache';
import { launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { MovingSlot } from '../../support/moving-slot.js';
import { startApp } from '../../support/test-app.js';

const policy = { name: 'tried', limit: 5, window: '1h' } as const;

describe('limits while a slot moves', () => {
  let cluster: Awaited<ReturnType<typeof launchCluster>>;
  let app: INestApplicationContext;
  let limits: RateLimitService;

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true });
    app = await startApp({
      connection: { cluster: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`), commandTimeout: '10s' },
      keyPrefix: 'limits',
      rateLimit: { timeout: '10s', readableKeys: true },
    });
    limits = app.get(RateLimitService);
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await cluster.stop();
  });

  it.each([
    ['nothing', () => false],
    ['the limit', (name: string) => name.includes(':rate-limit:')],
    ['the notes', (name: string) => name.includes(':rate-limit-notes:')],
    ['everything', () => true],
  ])('are decided by Redis, as before, when %s has moved', async (moved, hasMoved) => {
    const charge = { policy, subject: `caller while ${moved}` };
    expect(await limits.consume(charge)).toMatchObject({ decidedBy: 'redis' });
    const { topology } = app.get(RedisConnection);
    const names = await Promise.all(topology.primaries().map((primary) => primary.keys(`*${charge.subject}*`)));
    const slot = await MovingSlot.begin(topology, names.flat()[0]!);
    await slot.move(slot.names.filter(hasMoved));
    const deciding = limits.consume(charge);
    // Between two places nothing is decided: Redis says to try again.
    await slot.end();
    expect(await deciding).toMatchObject({ isAllowed: true, decidedBy: 'redis' });
    await eventually(async () => expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 3 }));
  });
});
