import type { KeySpace } from '../core/keys/index.js';
import { bucketOfId } from './session-id.js';

/** The keys of sessions. All that belong to one user carry the same bucket, on a server as on a cluster. */
export class SessionKeys {
  constructor(private readonly space: KeySpace) {}

  /** The keys of scripts that work on one session. */
  of(id: string): { session: string; gate: string; index: string } {
    const bucket = bucketOfId(id);
    return {
      session: this.headOf(bucket) + id.slice(bucket.length),
      gate: this.gateOf(bucket),
      index: this.indexHeadOf(bucket),
    };
  }

  headOf(bucket: string): string {
    return this.space.headOf('session', 'id', bucket);
  }

  gateOf(bucket: string): string {
    return this.space.headOf('session', 'gate', bucket);
  }

  indexOf(bucket: string, userId: string): string {
    return this.indexHeadOf(bucket) + userId;
  }

  private indexHeadOf(bucket: string): string {
    return this.space.headOf('session', 'user', bucket);
  }
}
