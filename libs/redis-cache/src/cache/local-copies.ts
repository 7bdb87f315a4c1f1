import { LRUCache } from 'lru-cache';
import type { Codec, EntryHeader, StoredValue } from '../core/codec/index.js';
import type { ChangeListener, Coherence, RedisClock } from '../core/connection/index.js';
import type { Coverage } from './coverage.js';
import { Footprints } from './footprint.js';
import type { ResolvedL1 } from './l1.options.js';

interface LocalCopiesParts {
  readonly limits: Pick<ResolvedL1, 'maxEntries' | 'maxBytes'>;
  readonly codec: Pick<Codec, 'read'>;
  readonly coherence: Pick<Coherence, 'now' | 'isArmed' | 'since'>;
  readonly clock: Pick<RedisClock, 'surelyBefore' | 'isSurelyBefore'>;
  /** What may no longer be taken for true is kept aside, for when nobody answers ({@link LocalCopies.findStale}). */
  readonly keepsStale: boolean;
  /** The key of an entry, of its name in Redis. */
  readonly keyOf: (entry: string) => string;
  /** More has been heard of changes than was answered from here. */
  readonly onOutweighed: (counts: { readonly hits: number; readonly invalidations: number }) => void;
}

/** What the copies of a namespace in this process have come to. */
export interface L1State {
  /** Since when they have been in step with Redis without a gap; `undefined` while they answer nothing. */
  readonly coherentSince: Date | undefined;
  readonly entries: number;
  /** About how much memory they take. */
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Reads that Redis did not answer and a copy did, which others may have evicted meanwhile (`onError: 'stale'`). */
  readonly stale: number;
  /** Changes of entries of the namespace, by any process, that Redis has told this one: the traffic. */
  readonly invalidations: number;
}

/** The right of one read to leave a copy of what it finds. Compared by identity: an invalidation takes it away. */
export class FillToken {
  constructor(readonly key: string) {}
}

interface LocalCopy {
  readonly header: EntryHeader;
  /** On the monotonic clock. */
  readonly endsAt: number;
  /** For all callers; without it each gets its own, of the bytes. */
  readonly shared: StoredValue | undefined;
  readonly bytes: Buffer | undefined;
  /** In which {@link LocalCopies.term} it was left; {@link BYGONE} when it has been set aside alone. */
  term: number;
}

/** What a read from Redis has found. */
export interface FoundEntry {
  readonly bytes: Buffer;
  readonly stored: StoredValue;
}

/** So many invalidations are weighed against the hits among them. */
const WINDOW = 1_000;
/** No term that there is. */
const BYGONE = -1;
/** What an entry takes beside its key and value. */
const ENTRY_BYTES = 500;

/**
 * The copies of one namespace in this process. They are left by reads, answer while they are coherent and fresh, and are
 * taken away by whatever Redis tells and by what is evicted here.
 */
export class LocalCopies implements ChangeListener {
  private readonly copies: LRUCache<string, LocalCopy>;
  private readonly tokens = new Map<string, FillToken>();
  /** Counts the times in which no change was missed: a copy answers only in its own. */
  private term = 0;
  private readonly footprints = new Footprints();
  private hits = 0;
  private misses = 0;
  private stale = 0;
  private invalidations = 0;
  private window = { hits: 0, invalidations: 0 };

  constructor(private readonly parts: LocalCopiesParts) {
    const { maxEntries, maxBytes } = parts.limits;
    this.copies = new LRUCache({ max: maxEntries, maxSize: maxBytes });
  }

  get state(): L1State {
    const { hits, misses, stale, invalidations, copies } = this;
    const { since: coherentSince } = this.parts.coherence;
    return { coherentSince, entries: copies.size, bytes: copies.calculatedSize, hits, misses, stale, invalidations };
  }

  /** The value of a copy that may answer now. */
  find(key: string): StoredValue | undefined {
    const copy = this.answering(key);
    if (copy === undefined) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    this.window.hits += 1;
    return this.valueOf(copy);
  }

  /**
   * The value of the last copy there was, for a read that nobody answers: others may have evicted it meanwhile. It has
   * not reached its end, and nothing that was heard or done here has taken it away.
   */
  findStale(key: string): StoredValue | undefined {
    this.parts.coherence.now(); // notices a sleep of the machine, after which the clock knows nothing
    const copy = this.parts.keepsStale ? this.copies.get(key) : undefined;
    if (copy === undefined || !this.parts.clock.isSurelyBefore(copy.header.freshUntilMs)) return undefined;
    this.stale += 1;
    return this.valueOf(copy);
  }

  has(key: string): boolean {
    return this.answering(key) !== undefined;
  }

  /**
   * To be called before a read is sent. What it finds supersedes what is here. Of several reads of a key under way one
   * has the token: else each would take it from the one before, and under load none would leave a copy.
   */
  begin(key: string): FillToken | undefined {
    this.setAside(key);
    if (!this.parts.coherence.isArmed || this.tokens.has(key)) return undefined;
    const token = new FillToken(key);
    this.tokens.set(key, token);
    return token;
  }

  /** To be called when a read has been answered, and otherwise {@link abandon}. @param found unless it has found nothing of use */
  settle(key: string, token: FillToken | undefined, found?: FoundEntry): void {
    const mayFill = token !== undefined && this.tokens.get(key) === token;
    if (mayFill) this.tokens.delete(key);
    if (mayFill && found !== undefined) this.keep(key, found);
    else if (this.isOlder(key, found)) this.copies.delete(key);
  }

  abandon(key: string, token: FillToken | undefined): void {
    if (this.tokens.get(key) === token) this.tokens.delete(key);
  }

  /** Does something that changes entries. They are gone when it begins and when it has been done. */
  async around<T>(coverage: Coverage, change: () => Promise<T>): Promise<T> {
    this.drop(coverage);
    try {
      return await change();
    } finally {
      this.drop(coverage);
    }
  }

  changed(entry: string): void {
    const key = this.parts.keyOf(entry);
    this.forget(key);
    this.count();
  }

  flushed(): void {
    this.copies.clear();
    this.tokens.clear();
    this.count();
  }

  voided(): void {
    this.term += 1;
    this.tokens.clear();
    if (!this.parts.keepsStale) this.copies.clear();
  }

  /** What is here was left before: Redis can be asked again. */
  armed(): void {
    this.copies.clear();
  }

  private answering(key: string): LocalCopy | undefined {
    const now = this.parts.coherence.now();
    if (now === undefined) return undefined;
    const copy = this.copies.get(key);
    return copy !== undefined && copy.term === this.term && now < copy.endsAt ? copy : undefined;
  }

  private valueOf({ shared, bytes }: LocalCopy): StoredValue {
    return shared ?? this.parts.codec.read(bytes!);
  }

  private setAside(key: string): void {
    const copy = this.parts.keepsStale ? this.copies.peek(key) : undefined;
    if (copy === undefined) this.copies.delete(key);
    else copy.term = BYGONE;
  }

  /** Counters, which tell no end, and remembered errors are not kept. */
  private keep(key: string, { bytes, stored }: FoundEntry): void {
    if (stored.envelope === undefined || stored.isError) return;
    const header = headerOf(stored.envelope);
    const endsAt = this.parts.clock.surelyBefore(header.freshUntilMs);
    if (endsAt === Number.NEGATIVE_INFINITY) return;
    const isShared = stored.isFrozen === true;
    const size = ENTRY_BYTES + 2 * key.length + (isShared ? this.footprints.of(stored.value) : bytes.length);
    const { term } = this;
    const copy: LocalCopy = isShared
      ? { header, endsAt, term, shared: { ...stored, envelope: header }, bytes: undefined }
      : { header, endsAt, term, shared: undefined, bytes: ownBytes(bytes) };
    this.copies.set(key, copy, { size });
  }

  private isOlder(key: string, found: FoundEntry | undefined): boolean {
    const copy = this.copies.peek(key);
    if (copy === undefined) return false;
    return found === undefined || copy.header.createdAtMs < (found.stored.envelope?.createdAtMs ?? Infinity);
  }

  /** To be called when a change begins, and when it has been made. */
  drop({ keys, covers }: Coverage): void {
    if (keys !== undefined) {
      for (const key of keys) this.forget(key);
      return;
    }
    for (const key of [...this.copies.keys()]) {
      if (covers(key, this.copies.peek(key)?.header.tags)) this.copies.delete(key);
    }
    for (const key of [...this.tokens.keys()]) if (covers(key)) this.tokens.delete(key);
  }

  private forget(key: string): void {
    this.copies.delete(key);
    this.tokens.delete(key);
  }

  private count(): void {
    this.invalidations += 1;
    this.window.invalidations += 1;
    if (this.window.invalidations < WINDOW) return;
    const { window } = this;
    this.window = { hits: 0, invalidations: 0 };
    if (window.hits < window.invalidations) this.parts.onOutweighed(window);
  }
}

/** Without the payload that hangs on it. */
function headerOf({ flags, createdAtMs, freshUntilMs, expiresAtMs, loadMs, tags }: EntryHeader): EntryHeader {
  return { flags, createdAtMs, freshUntilMs, expiresAtMs, loadMs, tags };
}

/** The bytes of a reply are a part of all that the socket has read, which would be kept with them. */
function ownBytes(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
