import type { CacheOptions, ConnectionOptions, LockOptions, RateLimitOptions } from 'nestjs-redis-cache';
import type { BuyersTask } from './buyers.js';
import type { CallersTask, CallersOutcome } from './callers.js';
import type { HistoryRecord, HistoryTask } from './history-task.js';
import type { LockFigures, LockTask } from './lock-workload.js';
import type { RequestsTask } from './requests.js';

/** How a worker boots its application. */
export interface WorkerSetup {
  readonly connection: ConnectionOptions;
  readonly keyPrefix: string;
  readonly cache?: CacheOptions;
  readonly lock?: LockOptions;
  readonly rateLimit?: RateLimitOptions;
  /** By how much the wall clock of the process is wrong. */
  readonly wallClockErrorMs?: number;
}

/** What a worker can be asked to do: the input and the outcome of each task. */
export interface Tasks {
  boot: { input: WorkerSetup; outcome: void };
  /** Reads and writes at random, and reports what it has seen. */
  history: { input: HistoryTask; outcome: HistoryRecord };
  /** Many callers ask for one key at the same time. */
  callers: { input: CallersTask; outcome: CallersOutcome };
  /** Tells how many requests were let in by Redis. */
  requests: { input: RequestsTask; outcome: number };
  evict: { input: { readonly tags: readonly string[] }; outcome: void };
  /** Takes, holds and loses locks at random. */
  locks: { input: LockTask; outcome: LockFigures };
  /** Takes each lock of the task once: a process notices a loss of data only where it has been before. */
  'meet locks': { input: LockTask; outcome: void };
  /** Buys what is in stock through the sample's checkout, with locks or without. */
  buy: { input: BuyersTask; outcome: Record<number, number> };
  /** Lets the loaders end that wait for it. */
  release: { input: void; outcome: void };
  stop: { input: void; outcome: void };
}

export type TaskName = keyof Tasks;

/** What a worker tells without being asked. */
export type Notice =
  /** All callers have looked into the cache and found nothing. */
  { readonly notice: 'all-missed' } | { readonly notice: 'load-begun' };

export interface Question<Name extends TaskName = TaskName> {
  readonly id: number;
  readonly task: Name;
  readonly input: Tasks[Name]['input'];
}

export interface Answer {
  readonly id: number;
  readonly outcome?: unknown;
  readonly failure?: string;
}
