import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Notice, Question, TaskName, Tasks, WorkerSetup } from './tasks.js';

interface Pending {
  readonly resolve: (outcome: never) => void;
  readonly reject: (error: Error) => void;
}

/** A process of its own around the library, seen from the test that asks it. */
export class WorkerProcess {
  private readonly pending = new Map<number, Pending>();
  private notices: Notice[] = [];
  private readonly exited: Promise<unknown>;
  private asked = 0;
  private output = '';

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit').then(() => this.failAll());
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    }
    child.on('message', (message: Answer | Notice) => {
      if ('notice' in message) this.notices.push(message);
      else this.settle(message);
    });
  }

  /** Starts a process and boots the application in it. */
  static async start(file: string, setup: WorkerSetup): Promise<WorkerProcess> {
    const child = fork(file, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ['--enable-source-maps'] });
    const worker = new WorkerProcess(child);
    await worker.ask('boot', setup);
    return worker;
  }

  /** Resolves with the outcome of the task; rejects when it fails or the process dies. */
  ask<Name extends TaskName>(task: Name, input: Tasks[Name]['input']): Promise<Tasks[Name]['outcome']> {
    const question: Question<Name> = { id: (this.asked += 1), task, input };
    return new Promise((resolve, reject) => {
      this.pending.set(question.id, { resolve, reject });
      this.child.send(question, (error) => error && this.settle({ id: question.id, failure: error.message }));
    });
  }

  /** How often it has told something so far. */
  told(notice: Notice['notice']): number {
    return this.notices.filter((each) => each.notice === notice).length;
  }

  forgetNotices(): void {
    this.notices = [];
  }

  /** Ends it like a crash. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Stops it in the middle of whatever it does, for a while. */
  async freeze(ms: number): Promise<void> {
    this.child.kill('SIGSTOP');
    await pause(ms);
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await this.ask('stop', undefined);
    this.child.disconnect();
    await this.exited;
  }

  private settle({ id, outcome, failure }: Answer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (failure === undefined) pending?.resolve(outcome as never);
    else pending?.reject(new Error(failure));
  }

  private failAll(): void {
    for (const { reject } of this.pending.values()) reject(new Error(`The worker has died. ${this.output}`));
    this.pending.clear();
  }
}

/** Starts several at once. */
export function startWorkers(count: number, file: string, setup: WorkerSetup): Promise<WorkerProcess[]> {
  return Promise.all(Array.from({ length: count }, () => WorkerProcess.start(file, setup)));
}
