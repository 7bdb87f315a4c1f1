import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeySpace } from '../core/keys/index.js';
import type { ResolvedPolicy } from './rate-limit-policy.js';

/** Who asks often is not hashed each time. */
const MOST_DIGESTS = 10_000;
const LONGEST_REMEMBERED = 200;

/**
 * `<prefix>:rate-limit:<policy>:<subject>:<kind>:<window>`, on a cluster with the bucket of the subject: all limits of one
 * subject lie in one hash slot. Another algorithm or window is another count.
 */
export class RateLimitKeys {
  private readonly heads = new Map<string, string>();
  private readonly digests = new LRUCache<string, string>({ max: MOST_DIGESTS });

  constructor(
    private readonly space: KeySpace,
    private readonly options: { readonly readableKeys: boolean },
  ) {}

  /** @throws InvalidKeyError */
  of({ name, kind, windowMs }: ResolvedPolicy, subject: string): { readonly key: string; readonly bucket: string } {
    const shownAs = this.options.readableKeys ? subject : this.digestOf(subject);
    const bucket = this.space.bucketOf(shownAs);
    return { key: `${this.headOf(name, bucket)}${shownAs}:${kind}:${windowMs}`, bucket };
  }

  /** What the keys of notes begin with. */
  notesIn(bucket: string): string {
    return this.space.headOf('rate-limit-notes', 'default', bucket);
  }

  private headOf(policy: string, bucket: string): string {
    const name = `${policy}:${bucket}`;
    const known = this.heads.get(name);
    if (known !== undefined) return known;
    const head = this.space.headOf('rate-limit', policy, bucket);
    this.heads.set(name, head);
    return head;
  }

  /** 132 bits, without the addresses and names of people. */
  private digestOf(subject: string): string {
    const known = this.digests.get(subject);
    if (known !== undefined) return known;
    const digest = hash('sha256', subject, 'base64url').slice(0, 22);
    if (subject.length <= LONGEST_REMEMBERED) this.digests.set(subject, digest);
    return digest;
  }
}
