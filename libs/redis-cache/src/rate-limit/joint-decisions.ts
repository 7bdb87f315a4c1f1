import type { RedisConnection } from '../core/connection/index.js';
import type { Charge, LimitRequest, Verdict } from './limit-store.js';
import { decideRequests } from './rate-limit.scripts.js';
import { describeRequests } from './request-description.js';
import { RequestIds } from './request-ids.js';

/** Redis serves nobody else meanwhile. */
const MOST_AT_ONCE = 64;
const UNDECIDED = -1;

interface Waiting {
  readonly charges: readonly Charge[];
  readonly id: string;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The requests of one tick go to a server as one script: a command costs more, here and there, than what is done for a
 * request. On a cluster each goes for itself, under its own key, because a slot may be on the move.
 */
export class JointDecisions {
  private readonly ids = new RequestIds();
  private waiting: Waiting[] = [];

  constructor(
    private readonly connection: Pick<RedisConnection, 'run'>,
    private readonly notesIn: (bucket: string) => string,
  ) {}

  /** For the request that is to be decided next. */
  nextId(): string {
    return this.ids.next();
  }

  /** @param charges of one bucket */
  decide(charges: readonly Charge[], { id, mode }: LimitRequest): Promise<readonly Verdict[]> {
    return new Promise((resolve, reject) => {
      const waiting = { charges, id, resolve, reject };
      if (mode === 'consume' && charges[0]!.bucket === '') this.join(waiting);
      else this.send([waiting], mode);
    });
  }

  private join(waiting: Waiting): void {
    if (this.waiting.length === 0) setImmediate(() => this.sendWaiting());
    if (this.waiting.push(waiting) === MOST_AT_ONCE) this.sendWaiting();
  }

  private sendWaiting(): void {
    if (this.waiting.length === 0) return;
    const all = this.waiting;
    this.waiting = [];
    this.send(all, 'consume');
  }

  private send(all: readonly Waiting[], mode: LimitRequest['mode']): void {
    this.ids.endBatch();
    const { key, bucket } = all[0]!.charges[0]!;
    const args = { ...describeRequests(all), mode, notes: this.notesIn(bucket) };
    this.connection.run(decideRequests, { first: key }, args).then(
      (replies) => this.answer(all, replies),
      (error: unknown) => {
        for (const { reject } of all) reject(error);
      },
    );
  }

  /** What is wrong with the state of one caller is not the others' concern: alone, that request fails with its error. */
  private answer(all: readonly Waiting[], replies: readonly number[]): void {
    let first = 0;
    for (const waiting of all) {
      const { charges, resolve } = waiting;
      if (replies[first] === UNDECIDED) this.send([waiting], 'consume');
      else resolve(verdictsOn(charges, replies, first));
      first += 3 * charges.length;
    }
  }
}

function verdictsOn(charges: readonly Charge[], replies: readonly number[], first: number): readonly Verdict[] {
  return charges.map((charge, nth) => {
    const at = first + 3 * nth;
    return { charge, remaining: replies[at]!, waitMs: replies[at + 1]!, nextMs: replies[at + 2]! };
  });
}
