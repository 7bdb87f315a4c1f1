import type { RedisConnection } from '../core/connection/index.js';
import type { Pattern } from '../core/keys/index.js';
import { type IndexWalk, keysThatBeginWith } from './index-walk.js';
import type { NamespaceKeys } from './namespace-keys.js';
import type { NamespaceScan } from './namespace-scan.js';

/** What Redis keeps of an entry. */
export interface CacheKeyInfo {
  readonly key: string;
  /** Milliseconds until Redis forgets it. */
  readonly ttl: number | 'forever';
  /** Bytes in Redis, header included. */
  readonly bytes: number;
}

/** How keys are looked for. */
export interface CacheKeysOptions {
  /** Looks also for keys that this library did not write: SCAN goes over all keys of the database. @default false */
  readonly scan?: boolean;
}

const NO_KEY = -2;
const NO_END = -1;

/** Lists the keys of a namespace. */
export class KeyListing {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: NamespaceKeys,
    private readonly sources: { readonly walk: IndexWalk | undefined; readonly scan: NamespaceScan },
  ) {}

  /** Slice by slice, in no particular order; a key may come twice. */
  async *list(pattern: Pattern, { scan = false }: CacheKeysOptions): AsyncGenerator<CacheKeyInfo> {
    const { walk } = this.sources;
    const slices =
      scan || walk === undefined ? this.sources.scan.keys() : walk.keysIn(keysThatBeginWith(pattern.literalPrefix));
    for await (const slice of slices) {
      const matching = slice.filter((key) => pattern.matches(key));
      const infos = await Promise.all(matching.map((key) => this.describe(key)));
      yield* infos.filter((info) => info !== undefined);
    }
  }

  private async describe(key: string): Promise<CacheKeyInfo | undefined> {
    const entry = this.keys.entryOf(key);
    const [keptMs, bytes] = await this.connection.send(
      (client) => Promise.all([client.pttl(entry), client.strlen(entry)]),
      { resend: 'safe' },
    );
    return keptMs === NO_KEY ? undefined : { key, ttl: keptMs === NO_END ? 'forever' : keptMs, bytes };
  }
}
