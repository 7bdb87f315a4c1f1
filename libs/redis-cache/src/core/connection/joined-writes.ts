import type { Redis } from 'ioredis';
import type { RedisClient } from './connection.options.js';

type Stream = Pick<Redis['stream'], 'cork' | 'uncork'>;

/**
 * Has the commands of one tick leave in two writes: the first at once, because often it is the only one, and all others
 * together. A write is a system call, and costs more than most commands.
 */
export class JoinedWrites {
  private held: Stream | undefined;

  /** Holds back what is written after `sent` until the code that runs now, and the promises it settles, have come to an end. */
  join<T>(client: RedisClient, sent: T): T {
    const { stream } = client as { readonly stream?: Stream };
    if (stream === undefined || this.held !== undefined) return sent;
    this.held = stream;
    stream.cork();
    process.nextTick(() => this.end());
    return sent;
  }

  private end(): void {
    this.held?.uncork();
    this.held = undefined;
  }
}
