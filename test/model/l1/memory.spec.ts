import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CompiledWorker, compileWorker } from '../../history/workers/compile-worker.mjs';
import { type Filled, type Filling, SHAPES } from './memory-shapes.js';

const MIB = 2 ** 20;

describe('the memory that copies take', () => {
  let worker: CompiledWorker;

  beforeAll(async () => void (worker = await compileWorker('test/model/l1', 'libs/redis-cache/src')), 60_000);
  afterAll(() => worker.remove());

  /** In a process in which nothing else happens. */
  async function fill(filling: Filling): Promise<Filled> {
    const child = fork(join(worker.directory, 'test/model/l1/memory-worker.js'), { execArgv: ['--expose-gc'] });
    child.send(filling);
    const [filled] = (await once(child, 'message')) as [Filled];
    child.kill();
    return filled;
  }

  it.each(Object.keys(SHAPES) as Filling['shape'][])(
    'is about what is counted, and never more than allowed: %s',
    async (shape) => {
      const limits = { maxEntries: 10_000, maxBytes: 8 * MIB };
      const { grown, counted, entries, left, most } = await fill({ shape, limits });
      console.info(`l1, ${shape}: ${entries} copies, ${(grown / counted).toFixed(2)} × what is counted`);
      expect(left).toBeGreaterThan(entries);
      expect(most.entries).toBeLessThanOrEqual(limits.maxEntries);
      expect(most.bytes).toBeLessThanOrEqual(limits.maxBytes);
      expect(grown).toBeGreaterThan(0.5 * counted);
      expect(grown).toBeLessThan(1.5 * counted);
    },
    60_000,
  );
});
