import type { RedisClient } from './connection.options.js';

interface Read {
  readonly key: string;
  readonly resolve: (bytes: Buffer | null) => void;
  readonly reject: (error: Error) => void;
}

type Reply = readonly [error: Error | null, bytes: unknown];

interface ReadBatchParts {
  /** Runs commands that may be sent twice within the deadline. */
  readonly send: <T>(command: (client: RedisClient) => Promise<T>) => Promise<T>;
  /** Whether a reply says that the same command may soon be answered. */
  readonly isPassing: (error: Error) => boolean;
  readonly toFailure: (error: Error) => Error;
}

/**
 * The reads of one tick, sent to a server together and watched over as one: a deadline for each of them would cost more
 * than what is done with its reply.
 */
export class ReadBatch {
  private waiting: Read[] = [];

  constructor(private readonly parts: ReadBatchParts) {}

  read(key: string): Promise<Buffer | null> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.sendWaiting());
      this.waiting.push({ key, resolve, reject });
    });
  }

  private sendWaiting(): void {
    const reads = this.waiting;
    this.waiting = [];
    this.parts
      .send((client) => this.run(reads, client))
      .then(
        (replies) => this.answer(reads, replies),
        (error: Error) => {
          for (const { reject } of reads) reject(error);
        },
      );
  }

  private async run(reads: readonly Read[], client: RedisClient): Promise<readonly Reply[]> {
    const pipeline = client.pipeline();
    for (const { key } of reads) pipeline.getBuffer(key);
    const replies = (await pipeline.exec()) ?? [];
    const passing = replies.find(([error]) => error !== null && this.parts.isPassing(error));
    if (passing !== undefined) throw passing[0]!;
    return replies;
  }

  private answer(reads: readonly Read[], replies: readonly Reply[]): void {
    for (const [at, { resolve, reject }] of reads.entries()) {
      const [error, bytes] = replies[at]!;
      if (error === null) resolve(bytes as Buffer | null);
      else reject(this.parts.toFailure(error));
    }
  }
}
