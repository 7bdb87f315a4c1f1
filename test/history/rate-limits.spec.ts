import { launchServer } from '../../tools/redis/index.mjs';
import { uniquePrefix } from '../support/test-app.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { WorkerProcess } from './workers/worker-process.js';

const PROCESSES = process.env.TEST_SCALE === 'long' ? 20 : 5;
/** Of all processes together. */
const REQUESTS = 400;
const HOUR_MS = 3_600_000;

describe(`one subject in ${PROCESSES} processes`, () => {
  const keyPrefix = uniquePrefix();
  let compiled: CompiledWorker;
  let server: Awaited<ReturnType<typeof launchServer>>;
  let workers: WorkerProcess[];

  beforeAll(async () => {
    [compiled, server] = await Promise.all([compileWorker(), launchServer({ quiet: true })]);
    const starting = Array.from({ length: PROCESSES }, (_, at) =>
      WorkerProcess.start(compiled.file, {
        connection: { url: server.url, commandTimeout: '20s' },
        keyPrefix,
        rateLimit: { timeout: '20s' },
        wallClockErrorMs: (at % 3) * HOUR_MS - HOUR_MS,
      }),
    );
    workers = await Promise.all(starting);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all([server.stop(), compiled.remove()]);
  });

  it.each(['sliding-window', 'fixed-window', 'gcra', 'concurrency'] as const)(
    'is let in exactly as often as the limit says, whatever the clocks of the processes say (%s)',
    async (algorithm) => {
      for (const limit of [50, 150]) {
        const policy = { name: `of-${limit}`, limit, window: '1h', algorithm } as const;
        const admitted = await Promise.all(
          workers.map((worker) => worker.ask('requests', { policy, subject: 'one', requests: REQUESTS / PROCESSES })),
        );
        expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(limit);
      }
    },
    60_000,
  );
});
