import { randomBytes } from 'node:crypto';

/** No other process makes the same one. Shorter than a UUID: Redis hashes every byte that goes through a script. */
export function uniqueName(): string {
  return randomBytes(12).toString('base64url');
}

/** Names that nobody else has, for as many attempts as there may be. */
export class UniqueNames {
  private readonly process = uniqueName();
  private count = 0;

  next(): string {
    this.count += 1;
    return `${this.process}${this.count.toString(36)}`;
  }
}
