import { setTimeout as pause } from 'node:timers/promises';
import type { LockServers } from './lock-servers.js';
import type { Random } from './workers/random.js';
import { type WorkerProcess } from './workers/worker-process.js';

export type Fault =
  | 'freeze a holder'
  | 'kill a holder'
  | 'pause the clients'
  | 'freeze Redis'
  | 'restart Redis'
  | 'restart Redis without its data'
  | 'flush Redis'
  | 'drop replies'
  | 'reset connections';

export const FAULTS: readonly Fault[] = [
  ...(['freeze a holder', 'kill a holder', 'pause the clients', 'freeze Redis', 'restart Redis'] as const),
  ...(['restart Redis without its data', 'flush Redis', 'drop replies', 'reset connections'] as const),
];

/**
 * Those that happen to one primary of a cluster while the others go on. A primary that was restarted refuses commands for longer
 * than a lock lasts here; one that was flushed answers at once, while holders live whose locks it has forgotten.
 */
export const FAULTS_OF_A_PRIMARY: readonly Fault[] = [
  'restart Redis',
  'freeze Redis',
  'restart Redis without its data',
  'flush Redis',
  'drop replies',
];

export interface Scene {
  readonly servers: LockServers;
  readonly workers: WorkerProcess[];
  /** Starts a worker in place of one that was killed. */
  replace: (at: number) => Promise<void>;
}

const LONGEST_MS = 1_200;
/** By then a loss of data is over for those who wait it out, and locks are held again. */
const HELD_AGAIN_MS = 550;

/** Does one thing that must not break a lock; on a cluster to one of the primaries. */
export async function disturb({ servers, workers, replace }: Scene, fault: Fault, random: Random): Promise<void> {
  const ms = 100 + random.below(LONGEST_MS - 100);
  const node = random.oneOf(servers.nodes);
  switch (fault) {
    case 'freeze a holder':
      return random.oneOf(workers).freeze(ms);
    case 'kill a holder':
      return replace(random.below(workers.length));
    case 'pause the clients':
      await node.tell((redis) => redis.call('CLIENT', 'PAUSE', ms, 'ALL'));
      return pause(ms);
    case 'freeze Redis':
      return node.freeze(ms);
    case 'restart Redis':
      return node.restart({ without: 'nothing' });
    case 'restart Redis without its data':
      return node.restart({ without: 'its data' });
    case 'flush Redis':
      for (const each of servers.nodes) {
        await each.tell((redis) => redis.flushall());
        await pause(HELD_AGAIN_MS + random.below(100));
      }
      return;
    case 'drop replies':
      for (let count = 0; count < 15; count += 1) {
        random.oneOf(servers.nodes).proxy.dropReplyTo('evalsha');
        await pause(20 + random.below(60));
      }
      return;
    case 'reset connections':
      for (let count = 0; count < 5; count += 1) {
        await node.tell((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
        await node.tell((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
        await pause(20 + random.below(200));
      }
  }
}
