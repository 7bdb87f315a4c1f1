import { staleReadsOf } from '../../test/history/stale-reads.js';
import type { HistoryTask } from '../../test/history/workers/history-task.js';
import type { WorkerProcess } from '../../test/history/workers/worker-process.js';
import { count, sum } from './figures.js';
import type { Finding } from './findings.js';
import type { Scale } from './scale.js';

const ROWS = 30;
const MOST_READS = 1_000_000;

/**
 * The workload and the check of test/history: processes read rows through a cache, write them, and invalidate. A read is
 * stale when it returns less than what an invalidation, acknowledged before the read began, has covered.
 */
export async function staleAfterInvalidation(
  workers: readonly WorkerProcess[],
  databaseUrl: string,
  { historyMs }: Scale,
): Promise<Finding[]> {
  const staleOf = async (cache: HistoryTask['cache']) => {
    const task = { cache, databaseUrl, rows: ROWS, reads: MOST_READS, mostMs: historyMs };
    const asked = workers.map((worker, at) => worker.ask('history', { ...task, seed: Date.now() + at }));
    const histories = await Promise.all(asked);
    const reads = sum(histories.map((history) => history.reads.length));
    const loads = sum(histories.map((history) => history.loads));
    const invalidations = sum(histories.map((history) => history.evictions.length));
    const stale = staleReadsOf(histories).length;
    const hits = `${Math.round(100 * (1 - loads / reads))} % without a load`;
    const measured =
      `${count(stale)} of ${count(reads)} reads (${hits})\n` + `${count(invalidations)} acknowledged invalidations`;
    return { stale, measured };
  };
  const library = await staleOf('library');
  const unfenced = await staleOf('unfenced');
  return [
    {
      what: `stale reads, ${workers.length} processes, ${historyMs / 1_000} s`,
      measured: library.measured,
      promise: { text: 'none', kept: library.stale === 0 },
    },
    {
      what: '  beside it: a cache of GET, SET, and\n  UNLINK of the row that was written',
      measured: unfenced.measured,
      // A workload that no cache fails would say nothing about ours.
      ...(unfenced.stale === 0 && { promise: { text: 'some, or the row above\nsays nothing', kept: false } }),
    },
  ];
}
