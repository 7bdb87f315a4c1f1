import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeySpace } from '../core/keys/index.js';
import type { ResolvedPolicy } from './rate-limit-policy.js';

/** For who asks often nothing is hashed or put together again. */
const MOST_CALLERS = 10_000;
const LONGEST_REMEMBERED = 200;
/** Of one caller: a window that is a function of the request may have any length. */
const MOST_KEYS = 20;

interface Caller {
  /** The subject, or its digest. */
  readonly shownAs: string;
  readonly bucket: string;
  readonly keys: Map<string, string>;
}

/**
 * `<prefix>:rate-limit:<policy>:<subject>:<kind>:<window>`, on a cluster with the bucket of the subject: all limits of one
 * subject lie in one hash slot. Another algorithm or window is another count.
 */
export class RateLimitKeys {
  private readonly callers = new LRUCache<string, Caller>({ max: MOST_CALLERS });

  constructor(
    private readonly space: KeySpace,
    private readonly options: { readonly readableKeys: boolean },
  ) {}

  /** @throws InvalidKeyError */
  of(policy: ResolvedPolicy, subject: string): { readonly key: string; readonly bucket: string } {
    const caller = this.callers.get(subject) ?? this.meet(subject);
    return { key: caller.keys.get(policy.count) ?? this.add(caller, policy), bucket: caller.bucket };
  }

  /** What the keys of notes begin with. */
  notesIn(bucket: string): string {
    return this.space.headOf('rate-limit-notes', 'default', bucket);
  }

  private meet(subject: string): Caller {
    const shownAs = this.options.readableKeys ? subject : digestOf(subject);
    const caller = { shownAs, bucket: this.space.bucketOf(shownAs), keys: new Map<string, string>() };
    if (subject.length <= LONGEST_REMEMBERED) this.callers.set(subject, caller);
    return caller;
  }

  private add({ shownAs, bucket, keys }: Caller, { name, kind, windowMs, count }: ResolvedPolicy): string {
    const key = `${this.space.headOf('rate-limit', name, bucket)}${shownAs}:${kind}:${windowMs}`;
    if (keys.size === MOST_KEYS) keys.clear();
    keys.set(count, key);
    return key;
  }
}

/** 132 bits, without the addresses and names of people. */
function digestOf(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 22);
}
