import { groupBy } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { JointDecisions } from './joint-decisions.js';
import { type Charge, isWithin, type LimitRequest, type LimitStore, type Verdict } from './limit-store.js';
import { onKeys, refundLimits, renewSlots } from './rate-limit.scripts.js';
import { describeRequests } from './request-description.js';

type ChargesOfBucket = readonly Charge[];

export interface RedisLimitsParts {
  readonly connection: Pick<RedisConnection, 'run' | 'send'>;
  /** What the keys begin with under which requests are noted. */
  readonly notesIn: (bucket: string) => string;
  /** Is told of charges that could not be taken back: they count until their window has passed. */
  readonly onKept: (charges: readonly Charge[], error: unknown) => void;
}

/** Limits counted in Redis: one script for all that lies in one hash slot. */
export class RedisLimits implements LimitStore {
  private readonly decisions: JointDecisions;

  constructor(private readonly parts: RedisLimitsParts) {
    this.decisions = new JointDecisions(parts.connection, parts.notesIn);
  }

  nextId(): string {
    return this.decisions.nextId();
  }

  decide(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]> {
    return haveOneBucket(charges) ? this.decisions.decide(charges, request) : this.decideApart(charges, request);
  }

  async refund(charges: readonly Charge[], id: string, { mayArrive = false } = {}): Promise<void> {
    const arrival = mayArrive ? 'late' : 'arrived';
    await Promise.all(
      inBuckets(charges).map((bucket) => {
        const { requests, limits, group, notedMs } = describeRequests([{ charges: bucket, id }]);
        const notes = this.parts.notesIn(bucket[0]!.bucket) + group;
        const [script, keys] = onKeys(refundLimits, { notes, limits });
        return this.parts.connection.run(script, keys, { requests, arrival, group, notedMs });
      }),
    );
  }

  async renew(charges: readonly Charge[], id: string): Promise<void> {
    const slots = charges.filter(({ policy }) => policy.kind === 'slots');
    await Promise.all(
      slots.map(({ key, cost, policy: { windowMs } }) =>
        this.parts.connection.run(renewSlots, { slots: key }, { id, cost, windowMs }),
      ),
    );
  }

  async reset(charges: readonly Charge[]): Promise<void> {
    await Promise.all(
      inBuckets(charges).map((bucket) =>
        this.parts.connection.send((client) => client.unlink(...bucket.map(({ key }) => key)), { resend: 'safe' }),
      ),
    );
  }

  private async decideApart(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]> {
    const answers = await Promise.allSettled(
      inBuckets(charges).map((bucket) => this.decisions.decide(bucket, request)),
    );
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    const verdicts = answers.map((answer) => (answer as PromiseFulfilledResult<readonly Verdict[]>).value);
    if (request.mode === 'consume' && !verdicts.every(isWithin)) await this.giveBack(verdicts, request.id);
    return inOrderOf(charges, verdicts.flat());
  }

  /** One slot refused: what the others have counted is taken back. Until then they may refuse somebody else: never the other way. */
  private async giveBack(verdicts: readonly (readonly Verdict[])[], id: string): Promise<void> {
    const counted = verdicts.filter(isWithin).flatMap((bucket) => bucket.map(({ charge }) => charge));
    if (counted.length === 0) return;
    await this.refund(counted, id).catch((error: unknown) => this.parts.onKept(counted, error));
  }
}

function haveOneBucket(charges: readonly Charge[]): boolean {
  return charges.length === 1 || charges.every(({ bucket }) => bucket === charges[0]!.bucket);
}

function inBuckets(charges: readonly Charge[]): readonly ChargesOfBucket[] {
  return haveOneBucket(charges) ? [charges] : [...groupBy(charges, ({ bucket }) => bucket).values()];
}

function inOrderOf(charges: readonly Charge[], verdicts: readonly Verdict[]): readonly Verdict[] {
  const byCharge = new Map(verdicts.map((verdict) => [verdict.charge, verdict]));
  return charges.map((charge) => byCharge.get(charge)!);
}
