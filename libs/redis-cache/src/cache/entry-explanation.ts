import { readHeader } from '../core/codec/index.js';

/** What there is to say about a key: why a read of it hits or misses now. */
export interface EntryExplanation {
  /** Where a read would be answered from. */
  readonly tier: 'redis' | 'none';
  readonly state: 'fresh' | 'stale' | 'missing';
  /** Since it was written; missing where the format keeps no time. */
  readonly ageMs?: number;
  /** Until it stops being fresh; missing when there is no entry. */
  readonly remainingMs?: number | 'forever';
  readonly tags: readonly string[];
  /** Bytes in Redis, header included. */
  readonly bytes: number;
  /** Who is loading it now (or, as a put, writing it to the source). */
  readonly lease: { readonly heldBy: string; readonly sinceMs: number; readonly kind: string } | null;
  /** The same as a sentence. */
  readonly why: string;
}

type Reply = [header: Buffer, bytes: number, remainingMs: number, redisMs: number, ...lease: (Buffer | null)[]];

const NO_KEY = -2;

export function readExplanation([header, bytes, keptMs, redisMs, kind, by, since]: Reply): EntryExplanation {
  const lease =
    kind && by && since ? { kind: String(kind), heldBy: String(by), sinceMs: redisMs - Number(since) } : null;
  if (keptMs === NO_KEY) return { tier: 'none', state: 'missing', tags: [], bytes: 0, lease, why: whyMissing(lease) };
  const envelope = header.length === 0 ? undefined : readHeader(header);
  const remainingMs = envelope ? envelope.freshUntilMs - redisMs : keptMs === -1 ? Infinity : keptMs;
  const isFresh = remainingMs > 0;
  return {
    tier: isFresh ? 'redis' : 'none',
    state: isFresh ? 'fresh' : 'stale',
    ...(envelope === undefined ? {} : { ageMs: redisMs - envelope.createdAtMs }),
    remainingMs: Number.isFinite(remainingMs) ? Math.max(0, remainingMs) : 'forever',
    tags: envelope?.tags ?? [],
    bytes,
    lease,
    why: isFresh ? 'It is fresh: a read is a hit.' : 'It is stale: a read is a miss and loads it anew.',
  };
}

function whyMissing(lease: EntryExplanation['lease']): string {
  if (lease === null) return 'There is no entry: it was never stored, has expired, or was evicted.';
  return `There is no entry yet: ${lease.heldBy} has been ${lease.kind === 'put' ? 'writing' : 'loading'} it for ${lease.sinceMs} ms.`;
}
