import type { Redis } from 'ioredis';
import { launchServer } from '../../tools/redis/index.mjs';
import { ownCluster, ownServer, type OwnServers } from '../support/own-servers.js';
import { uniquePrefix } from '../support/test-app.js';
import { disturb } from './disturb.js';
import { type StaleRead, staleReadsOf } from './stale-reads.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import type { HistoryTask } from './workers/history-task.js';
import { startWorkers } from './workers/worker-process.js';

/** What happens to the servers while processes read and write. */
type Disturbance = (redis: Redis, keyPrefix: string) => Promise<unknown>;

const PROCESSES = 3;
/** An index that is lost as soon as it is rebuilt lets nobody evict anything. */
const LONGEST_CALM_MS = 150;
const isLong = process.env.TEST_SCALE === 'long';
const READS = isLong ? 102_000 : 10_200;
const LIMIT_MS = isLong ? 900_000 : 90_000;
const GIVEN_SEED = process.env.HISTORY_SEED;

const forgetScripts: Disturbance = (redis) => redis.script('FLUSH');

/** As Redis may, when memory is short: an index or a tag log of any bucket. */
const loseAnIndex: Disturbance = async (redis, keyPrefix) => {
  const lost = ['index', 'log'].map((part) => redis.keys(`${keyPrefix}:cache-${part}:*`));
  const keys = (await Promise.all(lost)).flat();
  if (keys.length > 0) await redis.unlink(keys[Math.floor(Math.random() * keys.length)]!);
};

describe('a history of reads and writes in three processes', () => {
  let worker: CompiledWorker;

  beforeAll(async () => void (worker = await compileWorker()));
  afterAll(() => worker.remove());

  async function historyOn(
    servers: OwnServers,
    { cache, reads, disturbances }: Pick<HistoryTask, 'cache' | 'reads'> & { disturbances: readonly Disturbance[] },
  ) {
    const database = await launchServer({ quiet: true });
    const keyPrefix = uniquePrefix();
    const workers = await startWorkers(PROCESSES, worker.file, { connection: servers.connection, keyPrefix });
    const calm = disturb(servers.urls, {
      once: (redis) => Promise.all(disturbances.map((each) => each(redis, keyPrefix))),
      longestCalmMs: LONGEST_CALM_MS,
    });
    try {
      const task = { cache, databaseUrl: database.url, reads: reads / PROCESSES, rows: 30 };
      const seed = GIVEN_SEED === undefined ? Date.now() : Number(GIVEN_SEED);
      const asked = workers.map((each, at) => each.ask('history', { ...task, seed: seed + at }));
      const histories = await Promise.all(asked);
      return { seed, stale: staleReadsOf(histories), disturbed: await calm(), ...figuresOf(histories) };
    } finally {
      await calm();
      await Promise.all(workers.map((each) => each.stop()));
      await database.stop();
    }
  }

  function figuresOf(histories: Parameters<typeof staleReadsOf>[0]) {
    const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
    return {
      reads: sum(histories.map(({ reads }) => reads.length)),
      writes: sum(histories.map(({ evictions }) => evictions.length)),
      puts: sum(histories.map(({ puts }) => puts)),
      loads: sum(histories.map(({ loads }) => loads)),
      failedEvictions: sum(histories.map(({ failedEvictions }) => failedEvictions)),
    };
  }

  /** Printed, because the choices of a seed can be made once more; what the processes do with them differs each time. */
  function tell(title: string, { stale, ...figures }: { stale: readonly StaleRead[] }): void {
    console.info(title, JSON.stringify({ stale: stale.length, ...figures }));
  }

  describe.each([
    ['a server', ownServer, READS],
    // An invalidation costs 64 times as much there, one slice in each bucket.
    ['a cluster', ownCluster, READS / 4],
  ])('on %s', (place, launch, mostReads) => {
    let servers: OwnServers;

    beforeAll(async () => void (servers = await launch()));
    afterAll(() => servers.stop());

    it.each([
      ['forgets its scripts', mostReads, [forgetScripts]],
      ['loses indexes and tag logs', mostReads / 2, [forgetScripts, loseAnIndex]],
    ])(
      'that %s has no read of what was evicted before it began',
      async (title, reads, disturbances) => {
        const { stale, ...figures } = await historyOn(servers, { cache: 'library', reads, disturbances });
        tell(`${place} that ${title}`, { stale, ...figures });
        expect(stale).toEqual([]);
        expect(figures.reads).toBeGreaterThanOrEqual(reads);
        // The history says something only if many reads are hits, and evictions, puts and disturbances are many.
        expect(figures.loads).toBeLessThan(reads * 0.7);
        expect(figures.writes).toBeGreaterThan(reads / 50);
        expect(figures.puts).toBeGreaterThan(reads / 200);
        expect(figures.disturbed).toBeGreaterThan(reads / 1_000);
      },
      LIMIT_MS,
    );
  });

  it(
    'has many stale reads with a cache of GET, SET and UNLINK: this test can fail',
    async () => {
      const servers = await ownServer();
      const { stale, ...figures } = await historyOn(servers, { cache: 'unfenced', reads: READS, disturbances: [] });
      await servers.stop();
      tell('unfenced', { stale, ...figures });
      expect(stale.length).toBeGreaterThan(READS / 1_000);
    },
    LIMIT_MS,
  );
});
