import { type Codec, type EntryHeader, ERROR_FLAG, type StoredValue } from '../core/codec/index.js';

/** What there is to say about a key: why a read of it hits or misses now. */
export interface EntryExplanation {
  /** Where a read in this process would be answered from. `l1`: from the memory of this process. */
  readonly tier: 'l1' | 'redis' | 'none';
  readonly state: 'fresh' | 'stale' | 'missing' | 'unreadable';
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

/** See `lua/explain.lua`. */
export type ExplainReply = [start: Buffer, bytes: number, keptMs: number, redisMs: number, ...lease: (Buffer | null)[]];

/** Why an entry that is fresh is not read in this process, as a sentence; `undefined` when it is. */
export type WhyNot = (stored: Pick<StoredValue, 'envelope'>) => string | undefined;

const NO_END = -1;
const NO_KEY = -2;

export function readExplanation(
  [start, bytes, keptMs, redisMs, kind, by, since]: ExplainReply,
  codec: Codec,
  whyNot: WhyNot = () => undefined,
): EntryExplanation {
  const lease =
    kind && by && since ? { kind: String(kind), heldBy: String(by), sinceMs: redisMs - Number(since) } : null;
  if (keptMs === NO_KEY) return { tier: 'none', state: 'missing', tags: [], bytes: 0, lease, why: whyMissing(lease) };
  const header = codec.readHeader(start);
  if (header === 'unreadable') return { tier: 'none', state: header, tags: [], bytes, lease, why: UNREADABLE };
  const remainingMs = remainingMsOf(header, { keptMs, redisMs });
  const isFresh = remainingMs > 0;
  const passedOver = isFresh ? whyNot(header === 'none' ? {} : { envelope: header }) : undefined;
  return {
    tier: isFresh && passedOver === undefined ? 'redis' : 'none',
    state: isFresh ? 'fresh' : 'stale',
    ...(header === 'none' ? {} : { ageMs: redisMs - header.createdAtMs }),
    remainingMs: Number.isFinite(remainingMs) ? Math.max(0, remainingMs) : 'forever',
    tags: header === 'none' ? [] : header.tags,
    bytes,
    lease,
    why: passedOver ?? (isFresh ? whyFresh(header) : 'It is stale: a read is a miss and loads it anew.'),
  };
}

function whyFresh(header: EntryHeader | 'none'): string {
  if (header === 'none' || (header.flags & ERROR_FLAG) === 0) return 'It is fresh: a read is a hit.';
  return 'It is a remembered error: callers that name its class in cacheErrors get it, for others there is nothing.';
}

const UNREADABLE = 'Another version, or somebody else, has written it: a read is a miss and loads it anew.';

function remainingMsOf(
  header: EntryHeader | 'none',
  { keptMs, redisMs }: { readonly keptMs: number; readonly redisMs: number },
): number {
  if (header !== 'none') return header.freshUntilMs - redisMs;
  return keptMs === NO_END ? Infinity : keptMs;
}

function whyMissing(lease: EntryExplanation['lease']): string {
  if (lease === null) return 'There is no entry: it was never stored, has expired, or was evicted.';
  return `There is no entry yet: ${lease.heldBy} has been ${lease.kind === 'put' ? 'writing' : 'loading'} it for ${lease.sinceMs} ms.`;
}
