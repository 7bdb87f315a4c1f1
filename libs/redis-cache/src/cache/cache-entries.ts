import type { Codec, EncodedValue, StoredValue } from '../core/codec/index.js';
import type { RedisConnection } from '../core/connection/index.js';
import { remainingOfEntry, setEntry, touchEntry } from './cache.scripts.js';

const READ = { resend: 'safe' } as const;

/** The entries of one namespace in Redis: bytes in and out, no policy. */
export class CacheEntries {
  constructor(
    private readonly connection: RedisConnection,
    private readonly codec: Codec,
    private readonly keyOf: (key: string) => string,
  ) {}

  /** The bytes of an entry, for {@link decode}. */
  fetch(key: string): Promise<Buffer | null> {
    const entry = this.keyOf(key);
    return this.connection.send((client) => client.getBuffer(entry), READ);
  }

  /** @throws UndecodableError */
  decode(stored: Buffer): StoredValue {
    return this.codec.read(stored);
  }

  async write(
    key: string,
    { flags, payload }: EncodedValue,
    options: { ttlMs: number; loadMs: number },
  ): Promise<void> {
    const { clock } = this.connection;
    const startedAt = clock.start();
    const redisMs = await this.connection.run(
      setEntry,
      { entry: this.keyOf(key) },
      {
        format: this.codec.format,
        flags,
        ttlMs: toArgument(options.ttlMs),
        loadMs: Math.min(Math.round(options.loadMs), 2 ** 32 - 1),
        tags: '',
        payload,
      },
    );
    clock.observe(redisMs, startedAt);
  }

  async remove(key: string): Promise<boolean> {
    const entry = this.keyOf(key);
    return (await this.connection.send((client) => client.unlink(entry), { resend: 'safe' })) === 1;
  }

  async touch(key: string, ttlMs: number): Promise<boolean> {
    return this.connection.run(touchEntry, { entry: this.keyOf(key) }, { ttlMs: toArgument(ttlMs) });
  }

  async remaining(key: string): Promise<number | 'forever' | undefined> {
    return this.connection.run(remainingOfEntry, { entry: this.keyOf(key) }, {});
  }

  /** How long ago an entry was written, by Redis's clock. */
  ageMsOf({ envelope }: StoredValue): number | undefined {
    return envelope && Math.max(0, Math.round(this.connection.clock.now() - envelope.createdAtMs));
  }
}

/** Scripts take 0 for "without an end". */
function toArgument(ttlMs: number): number {
  return Number.isFinite(ttlMs) ? ttlMs : 0;
}
