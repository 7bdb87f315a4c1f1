import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, LockService, RateLimitService, RedisCacheEvents, RedisCacheModule } from 'nestjs-redis-cache';
import { buyAll } from './buyers.js';
import { Callers } from './callers.js';
import { HistoryWorkload } from './history-task.js';
import { LockWorkload } from './lock-workload.js';
import { requestAll } from './requests.js';
import type { Answer, Notice, Question, TaskName, Tasks, WorkerSetup } from './tasks.js';

/** A process of its own around the library. It does what its parent asks and dies with it. */
class Worker {
  private app: INestApplicationContext | undefined;
  private callers: Callers | undefined;
  private setup: WorkerSetup | undefined;

  readonly tasks: { [Name in TaskName]: (input: Tasks[Name]['input']) => Promise<Tasks[Name]['outcome']> } = {
    boot: (setup) => this.boot(setup),
    history: (task) => new HistoryWorkload(this.running.get(CacheService), this.setup!, task).run(),
    callers: (task) => this.callers!.run(task),
    requests: (task) => requestAll(this.running.get(RateLimitService), task),
    evict: async (target) => void (await this.running.get(CacheService).invalidate(target)),
    locks: (task) => new LockWorkload(this.running.get(LockService), task).run(),
    'meet locks': (task) => new LockWorkload(this.running.get(LockService), task).meet(),
    buy: (task) => buyAll(this.running.get(LockService), task),
    release: async () => this.callers!.release(),
    stop: async () => this.app?.close(),
  };

  private get running(): INestApplicationContext {
    if (this.app === undefined) throw new Error('The worker was not booted.');
    return this.app;
  }

  private async boot({ wallClockErrorMs = 0, ...setup }: WorkerSetup): Promise<void> {
    const now = Date.now.bind(Date);
    Date.now = () => now() + wallClockErrorMs;
    this.setup = setup;
    this.app = await NestFactory.createApplicationContext(
      RedisCacheModule.forRoot({ ...setup, cache: { ...setup.cache, onUndelivered: 'throw' } }),
      {
        logger: ['error', 'fatal'],
        abortOnError: false,
      },
    );
    this.callers = new Callers(this.app.get(CacheService), this.app.get(RedisCacheEvents), tell);
  }
}

function tell(message: Notice | Answer): void {
  process.send!(message);
}

const { tasks } = new Worker();

process.on('message', ({ id, task, input }: Question) => {
  const work = tasks[task] as (input: unknown) => Promise<unknown>;
  work(input).then(
    (outcome) => tell({ id, outcome }),
    (error: unknown) => tell({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
