import { randomUUID } from 'node:crypto';
import {
  type Claim,
  type ClaimReply,
  type Held,
  type Listening,
  type LockState,
  type LockStore,
  Waits,
} from '../lock/index.js';
import { MemoryResource } from './memory-resource.js';

const SOMEBODY_ELSE = 'another process of the test';

/** Where the locks of a test are kept. */
export class MemoryLocks implements LockStore {
  private readonly waits = new Waits();
  private readonly resources = new Map<string, MemoryResource>();
  private readonly settled = new Map<string, 'released' | 'lost'>();

  take(): undefined {
    return undefined;
  }

  async claim(claim: Claim): Promise<ClaimReply> {
    if (this.settled.has(claim.attempt)) return { outcome: 'void' };
    return this.resourceOf(claim.kind, claim.resource).claim(claim);
  }

  async extend({ kind, resource, attempt }: Held, ttlMs: number): Promise<number | undefined> {
    return this.resourceOf(kind, resource).extend(attempt, ttlMs);
  }

  async release({ kind, resource, attempt }: Held): Promise<'released' | 'lost'> {
    const answer = this.resourceOf(kind, resource).release(attempt)
      ? 'released'
      : (this.settled.get(attempt) ?? 'lost');
    this.settled.set(attempt, answer);
    return answer;
  }

  cancel(held: Held): Promise<'released' | 'lost'> {
    return this.release(held);
  }

  async inspect(kind: Held['kind'], resource: string): Promise<LockState> {
    return this.resourceOf(kind, resource).state();
  }

  async listen(attempt: string): Promise<Listening> {
    return this.waits.listen(attempt);
  }

  occupy(resource: string): () => void {
    const memory = this.resourceOf('lock', resource);
    const attempt = randomUUID();
    const claim = { kind: 'lock', resource, attempt, mode: 'write', permits: 1, waitMs: 0 } as const;
    const { outcome } = memory.claim({ ...claim, ttlMs: 2 ** 31, purpose: SOMEBODY_ELSE });
    if (outcome !== 'granted') throw new Error(`occupy: "${resource}" is held already.`);
    return () => void memory.release(attempt);
  }

  lose(resource: string): void {
    this.resourceOf('lock', resource).forgetHolders();
  }

  private resourceOf(kind: Held['kind'], resource: string): MemoryResource {
    const name = `${kind} ${resource}`;
    const known = this.resources.get(name) ?? new MemoryResource((attempt) => this.waits.endOf(attempt));
    this.resources.set(name, known);
    return known;
  }
}
