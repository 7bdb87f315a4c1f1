import { outsideOfRequests } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import type { Charge, LimitRequest, Verdict } from './limit-store.js';
import { decideRequests, onKeys } from './rate-limit.scripts.js';
import { describeRequests } from './request-description.js';
import { RequestIds } from './request-ids.js';

/** Redis serves nobody else meanwhile, and Lua hands no more than some thousand values to a command. */
const MOST_LIMITS_AT_ONCE = 64;
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
  private limitsWaiting = 0;

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
      if (mode === 'peek') this.send([waiting], 'peek');
      else if (charges[0]!.bucket === '') this.join(waiting);
      else this.sendBatch([waiting]);
    });
  }

  private join(waiting: Waiting): void {
    // By nobody's request: what comes of it is not to be seen as part of the first one's transaction or trace.
    if (this.waiting.length === 0) outsideOfRequests(() => setImmediate(() => this.sendWaiting()));
    this.waiting.push(waiting);
    this.limitsWaiting += waiting.charges.length;
    if (this.limitsWaiting >= MOST_LIMITS_AT_ONCE) outsideOfRequests(() => this.sendWaiting());
  }

  private sendWaiting(): void {
    if (this.waiting.length === 0) return;
    const all = this.waiting;
    this.waiting = [];
    this.limitsWaiting = 0;
    this.sendBatch(all);
  }

  /** Their ids are of one group: nothing else may end it while they wait. */
  private sendBatch(all: readonly Waiting[]): void {
    this.ids.endBatch();
    this.send(all, 'consume');
  }

  private send(all: readonly Waiting[], mode: LimitRequest['mode']): void {
    this.ask(all, mode).then(
      (replies) => this.answer(all, replies),
      (error: unknown) => {
        for (const { reject } of all) reject(error);
      },
    );
  }

  /** An error that is thrown here has to reach those who wait, too: behind `setImmediate` it would end the process. */
  private async ask(all: readonly Waiting[], mode: LimitRequest['mode']): Promise<readonly number[]> {
    const { requests, limits, group, notedMs } = describeRequests(all);
    const notes = this.notesIn(all[0]!.charges[0]!.bucket) + group;
    const [script, keys] = onKeys(decideRequests, { notes, limits });
    return this.connection.run(script, keys, { requests, mode, group, notedMs });
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
