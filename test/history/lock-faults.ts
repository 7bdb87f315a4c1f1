import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { launchServer } from '../../tools/redis/index.mjs';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from './workers/random.js';
import { type WorkerProcess } from './workers/worker-process.js';

export type Fault =
  | 'freeze a holder'
  | 'kill a holder'
  | 'pause the clients'
  | 'freeze Redis'
  | 'restart Redis'
  | 'restart Redis without its data'
  | 'drop replies'
  | 'reset connections';

export const FAULTS: readonly Fault[] = [
  ...(['freeze a holder', 'kill a holder', 'pause the clients', 'freeze Redis', 'restart Redis'] as const),
  ...(['restart Redis without its data', 'drop replies', 'reset connections'] as const),
];

export interface Scene {
  server: Awaited<ReturnType<typeof launchServer>>;
  readonly port: number;
  readonly proxy: FaultProxy;
  readonly workers: WorkerProcess[];
  /** Starts a worker in place of one that was killed. */
  replace: (at: number) => Promise<void>;
}

export const PERSISTENT = ['--appendonly', 'yes'];
const LONGEST_MS = 1_200;

/** Does one thing that must not break a lock. */
export async function disturb(scene: Scene, fault: Fault, random: Random): Promise<void> {
  const ms = 100 + random.below(LONGEST_MS - 100);
  switch (fault) {
    case 'freeze a holder':
      return random.oneOf(scene.workers).freeze(ms);
    case 'kill a holder':
      return scene.replace(random.below(scene.workers.length));
    case 'pause the clients':
      await tell(scene, (redis) => redis.call('CLIENT', 'PAUSE', ms, 'ALL'));
      return pause(ms);
    case 'freeze Redis':
      process.kill(scene.server.pid!, 'SIGSTOP');
      await pause(ms);
      process.kill(scene.server.pid!, 'SIGCONT');
      return;
    case 'restart Redis':
      return restart(scene, scene.server.dir);
    case 'restart Redis without its data':
      return restart(scene, undefined);
    case 'drop replies':
      for (let count = 0; count < 15; count += 1) {
        scene.proxy.dropReplyTo('evalsha');
        await pause(20 + random.below(60));
      }
      return;
    case 'reset connections':
      for (let count = 0; count < 5; count += 1) {
        await tell(scene, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
        await tell(scene, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
        await pause(20 + random.below(200));
      }
  }
}

/** A directory that was given outlives the server; a new one is empty. */
async function restart(scene: Scene, dir: string | undefined): Promise<void> {
  await scene.server.kill();
  scene.server = await launchServer({
    ...{ quiet: true, port: scene.port, args: PERSISTENT },
    ...(dir === undefined ? {} : { dir }),
  });
}

async function tell(scene: Scene, command: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(scene.server.url, { lazyConnect: true });
  redis.on('error', () => undefined);
  await redis.connect();
  await command(redis);
  redis.disconnect();
}
