import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerProcess } from '../../test/history/workers/worker-process.js';
import { count, sum } from './figures.js';
import type { Finding } from './findings.js';
import type { Scale } from './scale.js';

const CALLERS = 500;
const DEADLINE_MS = 20_000;

/** How often a cold key is loaded when many callers in several processes ask for it at once. */
export async function loadsOfColdKeys(workers: readonly WorkerProcess[], { coldKeys }: Scale): Promise<Finding> {
  const loads: number[] = [];
  let answered = 0;
  let sameValue = true;
  for (let round = 0; round < coldKeys; round += 1) {
    const outcomes = await callAtOnce(workers, `cold:${round}`);
    const values = outcomes.flatMap((outcome) => outcome.values);
    loads.push(sum(outcomes.map((outcome) => outcome.loads.length)));
    answered += values.length;
    sameValue &&= new Set(values).size === 1;
  }
  const callers = workers.length * CALLERS;
  return {
    what: `cold key, ${workers.length} processes × ${CALLERS} callers`,
    measured: `${count(sum(loads))} loads for ${coldKeys} keys\n${count(answered)} callers answered`,
    promise: {
      text: 'one load each',
      kept: loads.every((each) => each === 1) && sameValue && answered === coldKeys * callers,
    },
  };
}

/** No load ends before every caller has looked into the cache and found nothing. */
async function callAtOnce(workers: readonly WorkerProcess[], key: string) {
  workers.forEach((worker) => worker.forgetNotices());
  const asked = Promise.all(
    workers.map((worker) => worker.ask('callers', { key, callers: CALLERS, tags: [], loadMs: 'until released' })),
  );
  const deadline = performance.now() + DEADLINE_MS;
  while (!workers.every((worker) => worker.told('all-missed') === 1)) {
    if (performance.now() > deadline) throw new Error(`Not all callers have missed ${key} after ${DEADLINE_MS} ms`);
    await Promise.race([pause(5), asked]);
  }
  // Again and again, because a load that should not be may begin after the first time.
  let goesOn = true;
  void asked.finally(() => (goesOn = false)).catch(() => {});
  while (goesOn) {
    await Promise.all(workers.map((worker) => worker.ask('release', undefined)));
    await Promise.race([pause(20), asked]);
  }
  return asked;
}
