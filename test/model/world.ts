import type { Redis } from 'ioredis';
import { CacheEntries } from '../../libs/redis-cache/src/cache/cache-entries.js';
import { CacheNamespace } from '../../libs/redis-cache/src/cache/cache-namespace.js';
import { NamespaceKeys } from '../../libs/redis-cache/src/cache/namespace-keys.js';
import type { WaitOutcome, WakeUps } from '../../libs/redis-cache/src/cache/wake-ups.js';
import type { CacheEvents } from '../../libs/redis-cache/src/cache/cache.events.js';
import type { LoadRequest } from '../../libs/redis-cache/src/cache/cache-loads.js';
import { createCodec } from '../../libs/redis-cache/src/core/codec/index.js';
import { EventBus } from '../../libs/redis-cache/src/core/events/index.js';
import { KeySpace } from '../../libs/redis-cache/src/core/keys/index.js';
import { CATEGORIES, type Category, Database, KEYS, type Row } from './database.js';
import { LuaVariant, type Replacement } from './lua-variant.js';
import { Schedule } from './schedule.js';
import { ScheduledConnection } from './scheduled-connection.js';

/** `from-value`: the row's category. `fixed`: one tag for all. */
export type Tagging = 'from-value' | 'fixed' | 'none';

export interface WorldOptions {
  readonly tagging: Tagging;
  readonly replacements?: readonly Replacement[];
  /** Turns off a fix in the client of one process. */
  readonly mutateClient?: (process: Process) => void;
  readonly categoryOf?: () => Category;
  /** @default true */
  readonly hasIndex?: boolean;
  /** Nothing was ever invalidated, so the index has not been built. */
  readonly coldIndex?: boolean;
}

export interface Process {
  readonly namespace: CacheNamespace;
  readonly entries: CacheEntries;
  readonly connection: ScheduledConnection;
  readonly events: EventBus<CacheEvents>;
}

export const TTL_MS = 600_000;
const MINUTES = 600_000;
const TIMES = { leaseMs: MINUTES, loaderTimeoutMs: MINUTES, waitTimeoutMs: MINUTES, indexTtlMs: MINUTES };
const keys = new NamespaceKeys(new KeySpace({ keyPrefix: 'm', layout: 'plain' }), 'ns');
export const BUCKET = keys.buckets[0]!;

/** Two processes with the library's own code, one Redis, one database, and a check of every value that is read. */
export class World {
  readonly schedule = new Schedule();
  readonly database: Database;
  readonly processes: readonly [Process, Process];
  readonly violations: string[] = [];

  private constructor(
    readonly redis: Redis,
    readonly options: WorldOptions,
  ) {
    this.database = new Database(options.categoryOf ?? (() => 'X'));
    const variant = new LuaVariant(options.replacements);
    this.processes = [this.startProcess(variant), this.startProcess(variant)];
  }

  static async create(redis: Redis, options: WorldOptions): Promise<World> {
    const world = new World(redis, options);
    await redis.flushdb();
    if (options.coldIndex !== true) await world.processes[0].namespace.clear();
    return world;
  }

  async fill(...some: readonly string[]): Promise<void> {
    for (const key of some) {
      const row = this.database.read(key);
      const options = { ttlMs: TTL_MS, tags: this.tagsOf(row), when: 'always' } as const;
      await this.processes[0].namespace.set(key, row, options);
    }
  }

  tagsOf({ category }: Row): string[] {
    const { tagging } = this.options;
    if (tagging === 'none') return [];
    return [tagging === 'fixed' ? 'all' : category];
  }

  requestFor(key: string): LoadRequest {
    return {
      tags: this.options.tagging === 'fixed' ? ['all'] : [],
      storedAs: (row) => ({ ttlMs: TTL_MS, tags: this.tagsOf(row as Row) }),
      load: async () => {
        const row = await this.schedule.turn('load', () => this.database.read(key), { detail: key });
        await this.schedule.turn('load reply', undefined, { detail: key });
        return row;
      },
    };
  }

  check(who: string, key: string, value: unknown, least: number): void {
    const { version } = value as Row;
    this.schedule.note(`${who} has read ${key} v${version}, must be at least v${least}`);
    if (version < least)
      this.violations.push(`${who} has read ${key} v${version}, although v${least} was acknowledged`);
  }

  /** What is in the cache when all is over will be read by others. */
  async checkWhatIsCached(when = 'at the end'): Promise<void> {
    this.schedule.end();
    for (const { namespace } of this.processes) namespace.close();
    for (const key of KEYS) {
      const hit = await this.processes[1].namespace.read(key);
      if (typeof hit === 'object')
        this.check(`whoever comes ${when}`, key, hit.value, this.database.leastVersionOf(key));
    }
  }

  /** An index that lacks something does harm only later: to an invalidation of everything. */
  async checkThatEverythingCanBeEvicted(how: 'tags' | 'patterns'): Promise<void> {
    const version = this.database.write(KEYS);
    const tags = [...new Set(CATEGORIES.flatMap((category) => this.tagsOf({ version, category })))];
    const { namespace } = this.processes[0];
    if (this.options.hasIndex === false) await namespace.clear();
    else await namespace.invalidate(how === 'tags' && tags.length > 0 ? { tags } : { patterns: ['a*', 'b*'] }, {});
    this.database.acknowledge(KEYS, version);
    await this.checkWhatIsCached(`after an eviction of everything by ${how}`);
  }

  private startProcess(variant: LuaVariant): Process {
    const connection = new ScheduledConnection(this.schedule, this.redis, variant);
    const codec = createCodec({ serializer: 'typed', classes: [] });
    const { asConnection } = connection;
    const events = new EventBus<CacheEvents>();
    const namespace = new CacheNamespace({
      name: 'ns',
      ttlMs: TTL_MS,
      hasIndex: this.options.hasIndex ?? true,
      connection: asConnection,
      codec,
      keys,
      wakeUps: this.wakeUps(),
      onError: 'load',
      onUndelivered: 'throw',
      minReplicas: 0,
      events,
      times: TIMES,
    });
    const entries = new CacheEntries(asConnection, codec, keys, TIMES.indexTtlMs);
    const process = { namespace, connection, entries, events };
    this.options.mutateClient?.(process);
    return process;
  }

  /** A waiter wakes up at any time: woken, by the clock, or in vain. */
  private wakeUps(): WakeUps {
    let waits = 0;
    const outcome = (): WaitOutcome => ((waits += 1) % 3 === 0 ? 'timed out' : 'woken');
    const listen = () => ({ wait: () => this.schedule.turn('wake up', outcome), end: () => undefined });
    return { open: async () => undefined, channelIn: () => 'm:wake', listen } as unknown as WakeUps;
  }
}
