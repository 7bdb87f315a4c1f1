import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, RateLimitService, RedisCacheEvents, RedisCacheModule } from 'nestjs-redis-cache';
import { Callers } from './callers.js';
import { HistoryWorkload } from './history-task.js';
import type { Answer, Notice, Question, RequestsTask, TaskName, Tasks, WorkerSetup } from './tasks.js';

/** A process of its own around the library. It does what its parent asks and dies with it. */
class Worker {
  private app: INestApplicationContext | undefined;
  private callers: Callers | undefined;
  private setup: WorkerSetup | undefined;

  readonly tasks: { [Name in TaskName]: (input: Tasks[Name]['input']) => Promise<Tasks[Name]['outcome']> } = {
    boot: (setup) => this.boot(setup),
    history: (task) => new HistoryWorkload(this.running.get(CacheService), this.setup!, task).run(),
    callers: (task) => this.callers!.run(task),
    requests: (task) => this.request(task),
    evict: async (target) => void (await this.running.get(CacheService).invalidate(target)),
    release: async () => this.callers!.release(),
    stop: async () => this.app?.close(),
  };

  private get running(): INestApplicationContext {
    if (this.app === undefined) throw new Error('The worker was not booted.');
    return this.app;
  }

  private async request({ policy, subject, requests, clockErrorMs }: RequestsTask): Promise<number> {
    const right = Date.now.bind(Date);
    Date.now = () => right() + clockErrorMs;
    const limits = this.running.get(RateLimitService);
    const deciding = Array.from({ length: requests }, () => limits.consume({ policy, subject }));
    const admitted = (await Promise.all(deciding)).filter(({ isAllowed }) => isAllowed);
    Date.now = right;
    return admitted.filter(({ decidedBy }) => decidedBy === 'redis').length;
  }

  private async boot(setup: WorkerSetup): Promise<void> {
    this.setup = setup;
    this.app = await NestFactory.createApplicationContext(
      RedisCacheModule.forRoot({ ...setup, rateLimit: { timeout: '20s' } }),
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
