import { launchServer } from '../../tools/redis/index.mjs';
import { uniquePrefix } from '../support/test-app.js';
import type { BuyersTask } from './workers/buyers.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { SharedStock } from './workers/shared-stock.js';
import { startWorkers, type WorkerProcess } from './workers/worker-process.js';

const PROCESSES = 3;
const BUYERS = 201;
const IN_STOCK = { 1: 20, 2: 35 };
const PRODUCT_IDS = [1, 2];

describe(`${BUYERS} buyers at the sample's checkout in ${PROCESSES} processes`, () => {
  let compiled: CompiledWorker;
  let server: Awaited<ReturnType<typeof launchServer>>;
  let workers: WorkerProcess[];

  beforeAll(async () => {
    [compiled, server] = await Promise.all([compileWorker(), launchServer({ quiet: true })]);
    const lock = { afterDataLoss: 'grant' } as const; // nobody was there before
    const setup = { connection: { url: server.url }, keyPrefix: uniquePrefix(), lock };
    workers = await startWorkers(PROCESSES, compiled.file, setup);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all([server.stop(), compiled.remove()]);
  });

  async function sell(protection: BuyersTask['protection']) {
    const table = uniquePrefix();
    const stock = new SharedStock(server.url, table);
    await stock.fill(IN_STOCK);
    const task = { databaseUrl: server.url, table, productIds: PRODUCT_IDS, buyers: BUYERS / PROCESSES, protection };
    const outcomes = await Promise.all(workers.map((worker) => worker.ask('buy', task)));
    const sold = Object.fromEntries(
      PRODUCT_IDS.map((id) => [id, outcomes.reduce((sum, outcome) => sum + outcome[id]!, 0)]),
    );
    const left = await stock.left(PRODUCT_IDS);
    stock.close();
    console.info(JSON.stringify({ protection, inStock: IN_STOCK, sold }));
    return { sold, left };
  }

  it('never buy more than there is, under a lock for each product', async () => {
    expect(await sell('lock')).toEqual({ sold: IN_STOCK, left: [0, 0] });
  }, 60_000);

  it('buy more than there is without the lock: this test can fail', async () => {
    const { sold } = await sell('none');
    expect(sold[1]).toBeGreaterThan(IN_STOCK[1]);
  });
});
