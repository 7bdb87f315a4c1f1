import type { Redis } from 'ioredis';
import type { Command } from './sending.js';
import type { RedisClient } from './connection.options.js';

type Stream = Pick<Redis['stream'], 'cork' | 'uncork'>;

/**
 * Has the commands of one tick leave in two writes: those of the first call at once, because often there is only one, and all
 * others together. A write is a system call, and costs more than most commands.
 */
export class JoinedWrites {
  private isHolding = false;

  join<T>(client: RedisClient, send: Command<T>): Promise<T> {
    const { stream } = client as { readonly stream?: Stream };
    if (stream === undefined || this.isHolding) return send(client);
    stream.cork();
    try {
      return send(client);
    } finally {
      stream.uncork();
      this.hold(stream);
    }
  }

  /** Until the code that runs now, and the promises it settles, have come to an end. */
  private hold(stream: Stream): void {
    this.isHolding = true;
    stream.cork();
    process.nextTick(() => {
      this.isHolding = false;
      stream.uncork();
    });
  }
}
