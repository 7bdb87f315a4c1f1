import { randomBytes } from 'node:crypto';

/** Redis keeps a hash of up to 128 fields as a list. */
const FEW = 32;

/** Ids that no other request of any process has: `<group>.<number>`. Requests that go to Redis together are of one group. */
export class RequestIds {
  private readonly owner = randomBytes(9).toString('base64url');
  private groups = 0;
  private numbers = 0;

  next(): string {
    this.numbers += 1;
    return `${this.owner}${this.groups.toString(36)}.${this.numbers.toString(36)}`;
  }

  endBatch(): void {
    if (this.numbers < FEW) return;
    this.groups += 1;
    this.numbers = 0;
  }
}
