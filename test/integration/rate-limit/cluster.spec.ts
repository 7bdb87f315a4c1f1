import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimitService } from 'nestjs-redis-cache';
import { type Cluster, launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';

const policy = { name: 'tried', limit: 5, window: '1h' } as const;
const SUBJECTS = Array.from({ length: 60 }, (_, at) => `s${at}`);

describe('limits on a cluster one primary of which is away', () => {
  let cluster: Cluster;
  let app: INestApplicationContext;
  let limits: RateLimitService;
  /** By node. */
  let subjects: string[][];

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true, args: ['--cluster-require-full-coverage', 'no'] });
    app = await startApp({
      connection: { cluster: cluster.nodes.map(({ host, port }) => `${host}:${port}`), commandTimeout: '1s' },
      keyPrefix: 'limits',
      rateLimit: { timeout: '300ms', readableKeys: true },
    });
    limits = app.get(RateLimitService);
    for (const subject of SUBJECTS) await eventually(() => countOf(subject));
    subjects = await Promise.all(cluster.urls.map(subjectsOn));
  }, 60_000);
  afterAll(async () => {
    process.kill(cluster.nodes[0]!.pid!, 'SIGCONT');
    await app.close();
    await cluster.stop();
  });

  async function subjectsOn(url: string): Promise<string[]> {
    const node = new Redis(url);
    const keys = await node.keys('limits:rate-limit:*');
    node.disconnect();
    return SUBJECTS.filter((subject) => keys.some((key) => key.includes(`:${subject}:`)));
  }

  /** Makes Redis, and not this process, count one unit. */
  async function countOf(subject: string): Promise<void> {
    await limits.reset({ policy, subject });
    expect((await limits.consume({ policy, subject })).decidedBy).toBe('redis');
  }

  async function remainingOf(subject: string): Promise<number | undefined> {
    const { decidedBy, limits: statuses } = await limits.peek({ policy, subject });
    expect(decidedBy).toBe('redis');
    return statuses[0]?.remaining;
  }

  const consumeBoth = (away: string, there: string) =>
    limits.consume([away, there].map((subject) => ({ policy, subject })));

  const expectLeft = (subject: string, left: number) =>
    eventually(async () => expect(await remainingOf(subject)).toBe(left), { withinMs: 10_000 });

  it('a request that one primary did not decide is decided here, and counted at none', async () => {
    const [away, , there] = subjects as [string[], string[], string[]];
    process.kill(cluster.nodes[0]!.pid!, 'SIGSTOP');
    for (const at of [0, 1, 2]) {
      expect(await consumeBoth(away[at]!, there[at]!)).toMatchObject({ isAllowed: true, decidedBy: 'memory' });
    }
    for (const at of [0, 1, 2]) await expectLeft(there[at]!, 4);
    process.kill(cluster.nodes[0]!.pid!, 'SIGCONT');
    for (const at of [0, 1, 2]) await expectLeft(away[at]!, 4);
  });

  it('also when nothing could be sent to it', async () => {
    const [, away, there] = subjects as [string[], string[], string[]];
    await cluster.nodes[1]!.stop();
    for (const at of [3, 4, 5, 6]) {
      expect(await consumeBoth(away[at]!, there[at]!)).toMatchObject({ isAllowed: true, decidedBy: 'memory' });
      await expectLeft(there[at]!, 4);
    }
  });
});
