import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { launchServer } from '../../tools/redis/index.mjs';
import { startFaultProxy } from '../support/fault-proxy.js';
import { uniquePrefix } from '../support/test-app.js';
import { disturb, type Fault, FAULTS, PERSISTENT, type Scene } from './lock-faults.js';
import { intervalsOf, violationsIn } from './lock-violations.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { LockLedger } from './workers/lock-ledger.js';
import type { LockFigures } from './workers/lock-workload.js';
import { Random } from './workers/random.js';
import { WorkerProcess } from './workers/worker-process.js';

const isLong = process.env.TEST_SCALE === 'long';
const EPISODES = isLong ? 32 : FAULTS.length;
const RESOURCES = isLong ? 20 : 7;
const PROCESSES = 3;
const EPISODE_MS = 2_500;
const LIMIT_MS = EPISODES * 40_000;
const HOUR_MS = 3_600_000;
const CLOCK_ERRORS = [0, HOUR_MS, -HOUR_MS];
const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe('locks of several processes', () => {
  let compiled: CompiledWorker;
  let ledgerServer: Awaited<ReturnType<typeof launchServer>>;
  const directories: string[] = [];

  beforeAll(async () => {
    [compiled, ledgerServer] = await Promise.all([compileWorker(), launchServer({ quiet: true })]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([ledgerServer.stop(), compiled.remove()]);
    await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
  });

  it(
    'are valid for one at a time, with growing tokens, whatever happens to holders, Redis and the lines',
    async () => {
      const random = new Random(SEED);
      let intervals = 0;
      let refused = 0;
      for (let episode = 0; episode < EPISODES; episode += 1) {
        const outcome = await play(FAULTS[episode % FAULTS.length]!, random);
        console.info(JSON.stringify({ seed: SEED, episode, ...outcome }));
        expect(outcome).toMatchObject({ violations: [] });
        intervals += outcome.intervals;
        refused += outcome.refused;
      }
      expect(intervals).toBeGreaterThan(EPISODES * RESOURCES);
      expect(refused).toBeGreaterThan(0); // stale writers were there to be refused
    },
    LIMIT_MS,
  );

  async function play(fault: Fault, random: Random) {
    const ledgerName = uniquePrefix();
    const scene = await openScene();
    const { figures, start } = workIn(ledgerName, random);
    scene.workers.forEach((worker) => start(worker));
    scene.replace = async (at) => start(await replaced(scene, at));
    const endsAt = performance.now() + EPISODE_MS - 500;
    await pause(300);
    while (performance.now() < endsAt) {
      await disturb(scene, fault, random);
      await pause(random.below(200));
    }
    const sum = await figures();
    await Promise.all(scene.workers.map((worker) => worker.stop()));
    await Promise.all([scene.proxy.stop(), scene.server.stop()]);
    return { fault, ...sum, ...(await judge(ledgerName)) };
  }

  async function openScene(): Promise<Scene> {
    const dir = await mkdtemp(join(tmpdir(), 'locks-'));
    directories.push(dir);
    const server = await launchServer({ quiet: true, args: PERSISTENT, dir });
    const proxy = await startFaultProxy(server.port);
    const workers = await Promise.all(CLOCK_ERRORS.slice(0, PROCESSES).map((error) => startWorker(proxy.port, error)));
    return { server, port: server.port, proxy, workers, replace: async () => undefined };
  }

  function startWorker(port: number, wallClockErrorMs: number): Promise<WorkerProcess> {
    const connection = { host: '127.0.0.1', port, commandTimeout: 300, retry: { delay: 20 } };
    const lock = { ttl: 400, wait: 1_000 };
    return WorkerProcess.start(compiled.file, { connection, keyPrefix: 'locks', lock, wallClockErrorMs });
  }

  async function replaced(scene: Scene, at: number): Promise<WorkerProcess> {
    await scene.workers[at]!.kill();
    return (scene.workers[at] = await startWorker(scene.proxy.port, CLOCK_ERRORS[at]!));
  }

  /** Keeps the workers at work until the end of the episode. */
  function workIn(ledger: string, random: Random) {
    const begunAt = performance.now();
    const outcomes: Promise<LockFigures | undefined>[] = [];
    const start = (worker: WorkerProcess): void => {
      const forMs = Math.max(0, begunAt + EPISODE_MS - performance.now());
      const task = { ledgerUrl: ledgerServer.url, ledger, seed: random.below(2 ** 31), resources: RESOURCES, forMs };
      outcomes.push(worker.ask('locks', task).catch(() => undefined)); // it may be killed
    };
    const figures = async () => {
      const all = (await Promise.all(outcomes)).filter((each) => each !== undefined);
      const sum = (name: keyof LockFigures) => all.reduce((total, each) => total + each[name], 0);
      return { acquired: sum('acquired'), busy: sum('busy'), unavailable: sum('unavailable'), lost: sum('lost') };
    };
    return { start, figures };
  }

  async function judge(ledgerName: string) {
    const ledger = new LockLedger(ledgerServer.url, ledgerName);
    const violations: string[] = [];
    let intervals = 0;
    let refused = 0;
    for (let at = 0; at < RESOURCES; at += 1) {
      const [moments, writes] = await Promise.all([ledger.moments(`resource ${at}`), ledger.writes(`resource ${at}`)]);
      violations.push(...violationsIn(moments, writes));
      intervals += intervalsOf(moments).length;
      refused += writes.filter(({ outcome }) => outcome === 'refused').length;
    }
    await ledger.close();
    return { violations, intervals, refused };
  }
});
