import { groupBy } from '../core/common/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { JointAdmissions } from './joint-admissions.js';
import { type Charge, isWithin, type LimitRequest, type LimitStore, type Verdict } from './limit-store.js';
import { consumeLimits, refundLimits, renewSlots } from './rate-limit.scripts.js';

type ChargesOfBucket = readonly Charge[];

/** Limits counted in Redis: one script for all that lies in one hash slot. */
export class RedisLimits implements LimitStore {
  private readonly admissions: JointAdmissions;

  /** @param onKept is told of charges that could not be taken back: they count until their window has passed */
  constructor(
    private readonly connection: Pick<RedisConnection, 'run' | 'send'>,
    private readonly onKept: (charges: readonly Charge[], error: unknown) => void,
  ) {
    this.admissions = new JointAdmissions(connection);
  }

  decide(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]> {
    const [charge] = charges;
    if (charge === undefined || charges.length > 1) return this.decideAll(charges, request);
    return this.admissions
      .admit(charge, request)
      .then((admitted) => (admitted === undefined ? this.decideBucket(charges, request) : [admitted]));
  }

  private async decideAll(charges: readonly Charge[], request: LimitRequest): Promise<readonly Verdict[]> {
    const buckets = inBuckets(charges);
    if (buckets.length === 1) return this.decideBucket(charges, request);
    const answers = await Promise.allSettled(buckets.map((bucket) => this.decideBucket(bucket, request)));
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    const verdicts = answers.map((answer) => (answer as PromiseFulfilledResult<readonly Verdict[]>).value);
    if (request.mode === 'consume' && !verdicts.every(isWithin)) await this.giveBack(verdicts, request.id);
    return inOrderOf(charges, verdicts.flat());
  }

  async refund(charges: readonly Charge[], id: string, { lateMs = 0 } = {}): Promise<void> {
    await Promise.all(
      inBuckets(charges).map((bucket) =>
        this.connection.run(refundLimits, { first: bucket[0]!.key }, { ...describe(bucket), id, lateMs }),
      ),
    );
  }

  async renew(charges: readonly Charge[], id: string): Promise<void> {
    const slots = charges.filter(({ policy }) => policy.kind === 'slots');
    await Promise.all(
      slots.map(({ key, cost, policy: { windowMs } }) =>
        this.connection.run(renewSlots, { slots: key }, { id, cost, windowMs }),
      ),
    );
  }

  async reset(charges: readonly Charge[]): Promise<void> {
    await Promise.all(
      inBuckets(charges).map((bucket) =>
        this.connection.send((client) => client.unlink(...bucket.map(({ key }) => key)), { resend: 'safe' }),
      ),
    );
  }

  private async decideBucket(bucket: ChargesOfBucket, request: LimitRequest): Promise<readonly Verdict[]> {
    const { id, mode, refundableMs } = request;
    const args = { ...describe(bucket), id, mode, refundableMs };
    const limits = await this.connection.run(consumeLimits, { first: bucket[0]!.key }, args);
    return limits.map(([remaining, waitMs, nextMs], at) => ({ charge: bucket[at]!, remaining, waitMs, nextMs }));
  }

  /** One slot refused: what the others have counted is taken back. Until then they may refuse somebody else: never the other way. */
  private async giveBack(verdicts: readonly (readonly Verdict[])[], id: string): Promise<void> {
    const counted = verdicts.filter(isWithin).flatMap((bucket) => bucket.map(({ charge }) => charge));
    if (counted.length > 0) await this.refund(counted, id).catch((error: unknown) => this.onKept(counted, error));
  }
}

function inBuckets(charges: readonly Charge[]): readonly ChargesOfBucket[] {
  const [first] = charges;
  if (charges.every(({ bucket }) => bucket === first?.bucket)) return [charges];
  return [...groupBy(charges, ({ bucket }) => bucket).values()];
}

function inOrderOf(charges: readonly Charge[], verdicts: readonly Verdict[]): readonly Verdict[] {
  const byCharge = new Map(verdicts.map((verdict) => [verdict.charge, verdict]));
  return charges.map((charge) => byCharge.get(charge)!);
}

/** As the scripts read it; see `lua/includes/limits.lua`. */
function describe(bucket: ChargesOfBucket): { others: string; limits: string } {
  const [, ...others] = bucket;
  return {
    others: others.map(({ key }) => key).join('\0'),
    limits: bucket
      .map(({ policy: { kind, limit, windowMs, burst }, cost }) => `${kind} ${limit} ${windowMs} ${cost} ${burst}`)
      .join(' '),
  };
}
