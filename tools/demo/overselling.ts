import type { BuyersTask } from '../../test/history/workers/buyers.js';
import { SharedStock } from '../../test/history/workers/shared-stock.js';
import type { WorkerProcess } from '../../test/history/workers/worker-process.js';
import { count, sum } from './figures.js';
import type { Finding } from './findings.js';

const BUYERS = 200;
const IN_STOCK = 60;
const PRODUCT_ID = 1;

/** The sample's checkout of one product, by many buyers at once: under its lock, and without. */
export async function overselling(workers: readonly WorkerProcess[], databaseUrl: string): Promise<Finding[]> {
  const locked = await sell(workers, databaseUrl, 'lock');
  const unlocked = await sell(workers, databaseUrl, 'none');
  return [
    {
      what: `checkout, ${workers.length} processes, ${BUYERS} buyers at once`,
      measured: locked.measured,
      promise: { text: 'never more than in stock', kept: locked.sold === IN_STOCK && locked.left === 0 },
    },
    {
      what: '  beside it: the same without the lock',
      measured: unlocked.measured,
      // Buyers that never come between each other would say nothing about the lock.
      ...(unlocked.sold <= IN_STOCK && { promise: { text: 'more, or the row above\nsays nothing', kept: false } }),
    },
  ];
}

async function sell(
  workers: readonly WorkerProcess[],
  databaseUrl: string,
  protection: BuyersTask['protection'],
): Promise<{ readonly sold: number; readonly left: number; readonly measured: string }> {
  const table = `demo-stock:${protection}`;
  const stock = new SharedStock(databaseUrl, table);
  await stock.fill({ [PRODUCT_ID]: IN_STOCK });
  const task = { databaseUrl, table, productIds: [PRODUCT_ID], protection };
  const asked = workers.map((worker, at) => worker.ask('buy', { ...task, buyers: shareOf(at, workers.length) }));
  const sold = sum((await Promise.all(asked)).map((outcome) => outcome[PRODUCT_ID]!));
  const [left] = await stock.left([PRODUCT_ID]);
  stock.close();
  return { sold, left: left!, measured: `${count(sold)} sold of ${count(IN_STOCK)} in stock` };
}

function shareOf(at: number, processes: number): number {
  return Math.floor(BUYERS / processes) + (at < BUYERS % processes ? 1 : 0);
}
