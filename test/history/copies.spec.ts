import type { Redis } from 'ioredis';
import { launchServer } from '../../tools/redis/index.mjs';
import { ownCluster, ownServer } from '../support/own-servers.js';
import { uniquePrefix } from '../support/test-app.js';
import { disturb } from './disturb.js';
import { staleReadsOfCopies } from './stale-reads.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { startWorkers } from './workers/worker-process.js';

const PROCESSES = 3;
const BOUND_MS = 1_000;
const LONGEST_CALM_MS = 300;
const CHANGES_PER_FLUSH = 8;
const isLong = process.env.TEST_SCALE === 'long';
const READS = isLong ? 102_000 : 10_200;
const LIMIT_MS = isLong ? 900_000 : 90_000;

/** A client that knows nothing of the cache removes, expires and overwrites entries, and now and then removes everything. */
async function interfere(redis: Redis, time: number, keyPrefix: string): Promise<void> {
  if (time % CHANGES_PER_FLUSH === 0) return void (await redis.flushall());
  const [one, two, three] = await redis.keys(`${keyPrefix}:cache:default:*`);
  if (one !== undefined) await redis.unlink(one);
  if (two !== undefined) await redis.pexpire(two, 1);
  if (three !== undefined) await redis.setrange(three, 0, '?');
}

describe('a history of reads and writes in three processes with copies in memory', () => {
  let worker: CompiledWorker;

  beforeAll(async () => void (worker = await compileWorker()));
  afterAll(() => worker.remove());

  it.each([
    ['a server', ownServer, READS, true],
    // It has a stream of messages for each primary: what was heard over one says nothing of the others.
    ['a cluster', ownCluster, READS / 4, false],
  ])(
    'on %s has no read of what its process knew to be gone',
    async (place, launch, reads, hasOneStream) => {
      const [servers, database] = [await launch(), await launchServer({ quiet: true })];
      const keyPrefix = uniquePrefix();
      const fences = Array.from({ length: PROCESSES }, (_, at) => `fences-${at}`);
      const cache = { l1: true, namespaces: Object.fromEntries(fences.map((name) => [name, {}])) };
      const workers = await startWorkers(PROCESSES, worker.file, { connection: servers.connection, keyPrefix, cache });
      const leave = disturb(servers.urls, {
        once: (redis, time) => interfere(redis, time, keyPrefix),
        longestCalmMs: LONGEST_CALM_MS,
      });
      const seed = Number(process.env.HISTORY_SEED ?? Date.now());
      try {
        const task = { cache: 'library', databaseUrl: database.url, reads: reads / PROCESSES, rows: 30 } as const;
        const histories = await Promise.all(
          workers.map((each, at) =>
            each.ask('history', { ...task, seed: seed + at, ...(hasOneStream ? { fences: fences[at]! } : {}) }),
          ),
        );
        const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
        const figures = {
          seed,
          reads: sum(histories.map((history) => history.reads.length)),
          copied: sum(histories.map(({ copied }) => copied)),
          evictions: sum(histories.map(({ evictions }) => evictions.length)),
          fences: sum(histories.map((history) => history.fences.length)),
          interferences: await leave(),
        };
        const stale = staleReadsOfCopies(histories, BOUND_MS);
        console.info(`copies in memory, ${place}`, JSON.stringify({ stale: stale.length, ...figures }));
        expect(stale).toEqual([]);
        expect(figures.reads).toBeGreaterThanOrEqual(reads);
        // The history says something only if many reads are answered from memory, and much is evicted.
        expect(figures.copied).toBeGreaterThan(reads / 20);
        expect(figures.evictions).toBeGreaterThan(reads / 50);
        expect(figures.interferences).toBeGreaterThan(reads / 2_000);
        if (hasOneStream) expect(figures.fences).toBeGreaterThan(reads / 100);
      } finally {
        await leave();
        await Promise.all(workers.map((each) => each.stop()));
        await Promise.all([servers.stop(), database.stop()]);
      }
    },
    LIMIT_MS,
  );
});
