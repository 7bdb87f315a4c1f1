import type { KeySpace } from '../core/keys/index.js';
import { bucketOfId, SESSION_BUCKETS } from './session-id.js';

interface Heads {
  readonly session: string;
  readonly gate: string;
  readonly index: string;
}

/** The keys of sessions. All that belong to one user carry the same bucket, on a server as on a cluster. */
export class SessionKeys {
  private readonly heads: ReadonlyMap<string, Heads>;

  constructor(space: KeySpace) {
    this.heads = new Map(SESSION_BUCKETS.map((bucket) => [bucket, headsIn(space, bucket)]));
  }

  /** The keys of scripts that work on one session. */
  of(id: string): { session: string; gate: string; index: string } {
    const bucket = bucketOfId(id);
    const { session, gate, index } = this.heads.get(bucket)!;
    return { session: session + id.slice(bucket.length), gate, index };
  }

  headOf(bucket: string): string {
    return this.heads.get(bucket)!.session;
  }

  gateOf(bucket: string): string {
    return this.heads.get(bucket)!.gate;
  }

  indexOf(bucket: string, userId: string): string {
    return this.heads.get(bucket)!.index + userId;
  }
}

function headsIn(space: KeySpace, bucket: string): Heads {
  const headOf = (namespace: string) => space.headOf('session', namespace, bucket);
  return { session: headOf('id'), gate: headOf('gate'), index: headOf('user') };
}
