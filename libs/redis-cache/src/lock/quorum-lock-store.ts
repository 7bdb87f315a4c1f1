import { randomUUID } from 'node:crypto';
import { Cancellations } from './cancellations.js';
import type { Claim, ClaimReply, Held, Listening, LockState, LockStore } from './lock-store.js';
import { heldByMost, type Votes, votesUntil } from './quorum.js';
import { Waits } from './waits.js';

type Grant = Extract<ClaimReply, { outcome: 'granted' }>;

/** Two who want the same lock must not come back at the same time. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;

/** Whatever was sent how often, it is ended so that nothing of it can come any more. */
const ALWAYS_CANCELLED = (): void => undefined;

const isGrant = (reply: ClaimReply): reply is Grant => reply.outcome === 'granted';

/**
 * A lock that a majority of independent servers has granted. Nobody stands in a queue: who is refused gives back what some have
 * granted, and comes again after a moment.
 */
export class QuorumLockStore implements LockStore {
  private readonly waits = new Waits();
  private readonly cancellations: readonly Cancellations[];
  private readonly majority: number;
  /** Under which name the servers know what an attempt holds: each claim has one of its own, because the one before was given back. */
  private readonly granted = new Map<string, string>();

  constructor(
    private readonly nodes: readonly LockStore[],
    maxTtlMs: number,
  ) {
    this.cancellations = nodes.map((node) => new Cancellations(node, maxTtlMs));
    this.majority = Math.floor(nodes.length / 2) + 1;
  }

  /** Each is given back by `cancel`, and for a while after that nobody takes it without a claim. */
  take(): undefined {
    return undefined;
  }

  async claim(claim: Claim): Promise<ClaimReply> {
    const attempt = randomUUID();
    const votes = await this.ask(
      (node) => node.claim({ ...claim, attempt, waitMs: 0 }, ALWAYS_CANCELLED),
      ({ answers, failures }) => this.isCarried(answers.filter(isGrant).length, answers.length + failures.length),
    );
    const grants = votes.answers.filter(isGrant);
    if (grants.length < this.majority) {
      this.giveBack({ ...claim, attempt });
      return this.refusalOf(votes);
    }
    this.granted.set(claim.attempt, attempt);
    return this.grantOf(grants);
  }

  /** @returns for how long a majority holds it */
  async extend(held: Held, ttlMs: number): Promise<number | undefined> {
    const attempt = this.granted.get(held.attempt);
    if (attempt === undefined) return undefined;
    const { answers, failures } = await this.ask(
      (node) => node.extend({ ...held, attempt }, ttlMs),
      (so) =>
        this.isCarried(so.answers.filter((ms) => ms !== undefined).length, so.answers.length + so.failures.length),
    );
    const prolonged = answers.filter((ms) => ms !== undefined);
    if (prolonged.length >= this.majority) return heldByMost(prolonged, this.majority);
    if (prolonged.length + failures.length >= this.majority) throw failures[0];
    return undefined;
  }

  release(held: Held): Promise<'released' | 'lost'> {
    return this.cancel(held);
  }

  /** On all of them, whatever they had granted; those that do not answer are told until they do. */
  async cancel(held: Held): Promise<'released' | 'lost'> {
    const attempt = this.granted.get(held.attempt);
    if (attempt === undefined) return 'lost'; // what was refused has been given back already
    this.granted.delete(held.attempt);
    const round = { ...held, attempt };
    const releases = this.nodes.map((node, at) =>
      node.cancel(round).catch((error: unknown) => {
        this.cancellations[at]!.add(round);
        throw error;
      }),
    );
    const { answers, failures } = await votesUntil(releases, (so) =>
      this.isCarried(
        so.answers.filter((answer) => answer === 'released').length,
        so.answers.length + so.failures.length,
      ),
    );
    const released = answers.filter((answer) => answer === 'released');
    if (released.length >= this.majority) return 'released';
    if (released.length + failures.length >= this.majority) throw failures[0];
    return 'lost';
  }

  /** As the first server that answers sees it. */
  async inspect(kind: Held['kind'], resource: string): Promise<LockState> {
    const { answers, failures } = await this.ask(
      (node) => node.inspect(kind, resource),
      (so) => so.answers.length > 0,
    );
    if (answers[0] === undefined) throw failures[0];
    return answers[0];
  }

  async listen(attempt: string): Promise<Listening> {
    return this.waits.listen(attempt);
  }

  private ask<T>(question: (node: LockStore) => Promise<T>, isDecided: (so: Votes<T>) => boolean): Promise<Votes<T>> {
    return votesUntil(this.nodes.map(question), isDecided);
  }

  /** Whether a majority is for it, or can no longer be. */
  private isCarried(inFavour: number, voted: number): boolean {
    return inFavour >= this.majority || inFavour + this.nodes.length - voted < this.majority;
  }

  private grantOf(grants: readonly Grant[]): Grant {
    return {
      outcome: 'granted',
      fencingToken: Math.max(...grants.map(({ fencingToken }) => fencingToken)),
      remainingMs: heldByMost(
        grants.map(({ remainingMs }) => remainingMs),
        this.majority,
      ),
    };
  }

  private refusalOf({ answers, failures }: Votes<ClaimReply>): ClaimReply {
    const closed = answers.find(({ outcome }) => outcome === 'closed');
    if (closed !== undefined) return closed;
    const busy = answers.find((reply) => reply.outcome === 'busy');
    if (busy === undefined && failures.length > 0) throw failures[0];
    const remainingMs = SHORTEST_PAUSE_MS + Math.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
    return { outcome: 'busy', remainingMs, holder: busy?.holder };
  }

  private giveBack(held: Held): void {
    for (const cancellations of this.cancellations) cancellations.add(held);
  }
}
