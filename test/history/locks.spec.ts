import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions } from 'nestjs-redis-cache';
import { launchServer } from '../../tools/redis/index.mjs';
import { uniquePrefix } from '../support/test-app.js';
import { disturb, type Fault, FAULTS, FAULTS_OF_A_PRIMARY, type Scene } from './lock-faults.js';
import { LockServers, type LockTopology } from './lock-servers.js';
import { intervalsOf, violationsIn } from './lock-violations.js';
import { type CompiledWorker, compileWorker } from './workers/compile-worker.mjs';
import { LockLedger } from './workers/lock-ledger.js';
import type { LockFigures } from './workers/lock-workload.js';
import { Random } from './workers/random.js';
import { WorkerProcess } from './workers/worker-process.js';

interface Play {
  readonly topology: LockTopology;
  readonly faults: readonly Fault[];
  readonly episodes: number;
  /** At most by one fault longer. */
  readonly episodeMs: number;
}

const isLong = process.env.TEST_SCALE === 'long';
const PLAYS: readonly Play[] = [
  { topology: 'standalone', faults: FAULTS, episodes: isLong ? 32 : FAULTS.length, episodeMs: isLong ? 2_500 : 2_000 },
  isLong
    ? { topology: 'cluster', faults: FAULTS, episodes: 16, episodeMs: 6_000 }
    : { topology: 'cluster', faults: FAULTS_OF_A_PRIMARY, episodes: FAULTS_OF_A_PRIMARY.length, episodeMs: 3_000 },
];
const RESOURCES = isLong ? 20 : 7;
const PROCESSES = 3;
const EPISODE_LIMIT_MS = 40_000;
const HOUR_MS = 3_600_000;
const CLOCK_ERRORS = [0, HOUR_MS, -HOUR_MS];
const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

interface EpisodeOptions extends Pick<Play, 'episodeMs'> {
  readonly random: Random;
}

describe('locks of several processes', () => {
  let compiled: CompiledWorker;
  let ledgerServer: Awaited<ReturnType<typeof launchServer>>;
  const opened: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [compiled, ledgerServer] = await Promise.all([compileWorker(), launchServer({ quiet: true })]);
  }, 60_000);
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });
  afterAll(async () => {
    await Promise.all([ledgerServer.stop(), compiled.remove()]);
  });

  it.each(PLAYS)(
    'are valid for one at a time, with growing tokens, whatever happens to holders, Redis and the lines ($topology)',
    async ({ topology, faults, episodes, episodeMs }) => {
      const random = new Random(SEED);
      const scene = await openScene(topology);
      const sum = { intervals: 0, lost: 0, refused: 0 };
      for (let episode = 0; episode < episodes; episode += 1) {
        const outcome = await play(scene, faults[episode % faults.length]!, { episodeMs, random });
        console.info(JSON.stringify({ seed: SEED, topology, episode, ...outcome }));
        expect(outcome).toMatchObject({ violations: [] });
        sum.intervals += outcome.intervals;
        sum.lost += outcome.lost;
        sum.refused += outcome.refused;
      }
      expect(sum.intervals).toBeGreaterThan(episodes * RESOURCES);
      expect(sum.lost).toBeGreaterThan(episodes);
      expect(sum.refused).toBeGreaterThan(0); // stale writers were there to be refused
    },
    Math.max(...PLAYS.map(({ episodes }) => episodes)) * EPISODE_LIMIT_MS,
  );

  async function play(scene: Scene, fault: Fault, { episodeMs, random }: EpisodeOptions) {
    const ledgerName = uniquePrefix();
    const { figures, meet, start } = workIn({ ledger: ledgerName, episodeMs, random });
    await Promise.all(scene.workers.map((worker) => meet(worker)));
    scene.workers.forEach((worker) => start(worker));
    scene.replace = async (at) => start(await replaced(scene, at));
    const endsAt = performance.now() + episodeMs - 500;
    await pause(300);
    while (performance.now() < endsAt) {
      await disturb(scene, fault, random);
      await pause(random.below(200));
    }
    return { fault, ...(await figures()), ...(await judge(ledgerName)) };
  }

  /** Opened once: processes and servers cost more time than what is played on them. */
  async function openScene(topology: LockTopology): Promise<Scene> {
    const servers = await LockServers.launch(topology);
    opened.push(() => servers.stop());
    const workers = await Promise.all(
      CLOCK_ERRORS.slice(0, PROCESSES).map((error) => startWorker(servers.connection, error)),
    );
    opened.push(() => Promise.all(workers.map((worker) => worker.stop())));
    return { servers, workers, replace: async () => undefined };
  }

  function startWorker(place: ConnectionOptions, wallClockErrorMs: number): Promise<WorkerProcess> {
    const connection = { ...place, commandTimeout: 300, retry: { delay: 20 } };
    const lock = { ttl: 400, wait: 1_000 };
    return WorkerProcess.start(compiled.file, { connection, keyPrefix: 'locks', lock, wallClockErrorMs });
  }

  async function replaced(scene: Scene, at: number): Promise<WorkerProcess> {
    await scene.workers[at]!.kill();
    return (scene.workers[at] = await startWorker(scene.servers.connection, CLOCK_ERRORS[at]!));
  }

  /** Keeps the workers at work until the end of the episode. */
  function workIn({ ledger, episodeMs, random }: EpisodeOptions & { ledger: string }) {
    const outcomes: Promise<LockFigures | undefined>[] = [];
    const taskFor = (forMs: number) => {
      return { ledgerUrl: ledgerServer.url, ledger, seed: random.below(2 ** 31), resources: RESOURCES, forMs };
    };
    const meet = (worker: WorkerProcess): Promise<void> => worker.ask('meet locks', taskFor(0));
    let endsAt: number | undefined;
    const start = (worker: WorkerProcess): void => {
      endsAt ??= performance.now() + episodeMs;
      const task = taskFor(Math.max(0, endsAt - performance.now()));
      outcomes.push(worker.ask('locks', task).catch(() => undefined)); // it may be killed
    };
    const figures = async () => {
      const all = (await Promise.all(outcomes)).filter((each) => each !== undefined);
      const sum = (name: keyof LockFigures) => all.reduce((total, each) => total + each[name], 0);
      return { acquired: sum('acquired'), busy: sum('busy'), unavailable: sum('unavailable'), lost: sum('lost') };
    };
    return { meet, start, figures };
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
