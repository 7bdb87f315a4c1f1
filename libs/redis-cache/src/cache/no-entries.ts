import type { Codec, StoredValue } from '../core/codec/index.js';
import { assertKey } from '../core/keys/index.js';
import type { CacheEntries } from './cache-entries.js';
import type { LeaseReply } from './cache.scripts.js';
import type { EntryExplanation } from './entry-explanation.js';

/** In place of the entries in Redis: whatever is stored is forgotten at once. Keys are checked all the same. */
export class NoEntries implements Omit<
  Pick<CacheEntries, keyof CacheEntries>,
  'evictIn' | 'evictMany' | 'remainingOf'
> {
  constructor(private readonly codec: Codec) {}

  async fetch(key: string): Promise<null> {
    assertKey(key);
    return null;
  }

  lifeOf(): undefined {
    return undefined;
  }

  decode(stored: Buffer): StoredValue {
    return this.codec.read(stored);
  }

  /** What one meets beside a writer: whoever wants to load does so, and stores nothing. */
  async lease(key: string): Promise<LeaseReply> {
    assertKey(key);
    return { outcome: 'busy', remainingMs: 0, kind: 'put' };
  }

  async fill(): Promise<false> {
    return false;
  }

  async release(): Promise<false> {
    return false;
  }

  async renew(): Promise<false> {
    return false;
  }

  async set(key: string): Promise<true> {
    assertKey(key);
    return true;
  }

  async pull(key: string): Promise<null> {
    return this.fetch(key);
  }

  async markStale(key: string): Promise<false> {
    assertKey(key);
    return false;
  }

  async increment(key: string, by: number): Promise<number> {
    assertKey(key);
    return by;
  }

  async explain(key: string): Promise<EntryExplanation> {
    assertKey(key);
    const why = 'The cache is switched off (cache.enabled: false): a read is a miss, and nothing is stored.';
    return { tier: 'none', state: 'missing', tags: [], bytes: 0, lease: null, why };
  }

  async touch(key: string): Promise<false> {
    assertKey(key);
    return false;
  }

  async remaining(key: string): Promise<undefined> {
    assertKey(key);
  }

  isFresh(): boolean {
    return false;
  }

  ageMsOf(): undefined {
    return undefined;
  }
}
