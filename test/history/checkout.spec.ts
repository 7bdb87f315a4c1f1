import { Redis } from 'ioredis';
import { launchServer } from '../../tools/redis/index.mjs';
import { uniquePrefix } from '../support/test-app.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { startWorkers, type WorkerProcess } from './workers/worker-process.js';

const PROCESSES = 3;
const BUYERS = 201;
const IN_STOCK = { tea: 20, cups: 35 };

describe(`${BUYERS} buyers in ${PROCESSES} processes`, () => {
  let compiled: CompiledWorker;
  let server: Awaited<ReturnType<typeof launchServer>>;
  let redis: Redis;
  let workers: WorkerProcess[];

  beforeAll(async () => {
    [compiled, server] = await Promise.all([compileWorker(), launchServer({ quiet: true })]);
    redis = new Redis(server.url);
    const lock = { afterDataLoss: 'grant' } as const;
    const setup = { connection: { url: server.url }, keyPrefix: uniquePrefix(), lock };
    workers = await startWorkers(PROCESSES, compiled.file, setup);
  });
  afterAll(async () => {
    redis.disconnect();
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all([server.stop(), compiled.remove()]);
  });

  async function sell(protection: 'lock' | 'none') {
    const table = uniquePrefix();
    await redis.hset(table, IN_STOCK);
    const products = Object.keys(IN_STOCK);
    const task = { databaseUrl: server.url, table, products, buyers: BUYERS / PROCESSES, protection };
    const outcomes = await Promise.all(workers.map((worker) => worker.ask('buy', task)));
    const sold = Object.fromEntries(
      products.map((product) => [product, outcomes.reduce((sum, each) => sum + each[product]!, 0)]),
    );
    console.info(JSON.stringify({ protection, inStock: IN_STOCK, sold }));
    return { sold, left: await redis.hgetall(table) };
  }

  it('never buy more than there is, under a lock for each product', async () => {
    expect(await sell('lock')).toEqual({ sold: IN_STOCK, left: { tea: '0', cups: '0' } });
  });

  it('buy more than there is without the lock: this test can fail', async () => {
    const { sold } = await sell('none');
    expect(sold.tea).toBeGreaterThan(IN_STOCK.tea);
  });
});
