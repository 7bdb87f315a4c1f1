import type { Redis } from 'ioredis';
import type { CacheService, InvalidationTarget } from 'nestjs-redis-cache';
import { count, median, milliseconds, millisecondsOf, sum } from './figures.js';
import { fillKeyspace } from './fill-keyspace.js';
import type { Finding } from './findings.js';
import type { Scale } from './scale.js';
import { type ServerCost, serverCostOf } from './server-cost.js';

const FEW = Array.from({ length: 5 }, (_, at) => [`few:${at}`, at] as const);
const FEW_OTHERS = 1_000;
const MOST_SERVER_MS = 1;
const MOST_FILL_MS = 50_000;

type Work = () => Promise<number>;

interface Cost {
  readonly ms: number;
  readonly serverMs: number;
  readonly commands: number;
  /** Whether exactly the few were removed, each time. */
  readonly exact: boolean;
}

/** What it costs to invalidate five keys among many, by the library and by SCAN over the same keys. */
export class InvalidationAmongMany {
  constructor(
    private readonly cache: CacheService,
    private readonly redis: Redis,
    private readonly keyPrefix: string,
    private readonly scale: Scale,
  ) {}

  async measure(): Promise<Finding[]> {
    const { invalidations, scans, otherKeys } = this.scale;
    const byPattern = this.invalidation('few:*');
    const byTag = this.invalidation({ tags: ['few'] });
    const measureInvalidation = (work: Work) => this.costOf(work, invalidations, ['evalsha']);

    await this.cache.clear();
    await fillKeyspace(this.cache, this.redis, { keys: FEW_OTHERS, mostMs: MOST_FILL_MS });
    const amongFew = [await measureInvalidation(byPattern), await measureInvalidation(byTag)] as const;
    const filled = await fillKeyspace(this.cache, this.redis, { keys: otherKeys, mostMs: MOST_FILL_MS });
    const keys = await this.redis.dbsize();
    if (keys < otherKeys) throw new Error(`There are ${keys} keys where ${otherKeys} were stored`);

    const scan = await this.costOf(() => this.scanAndUnlink(), scans, ['scan', 'unlink']);
    return [
      {
        what: `${count(otherKeys)} keys`,
        measured:
          `${count(filled.byLibrary)} stored by the library (setMany)\n` +
          `${count(filled.foreign)} of another prefix, stored by SET`,
      },
      this.finding('pattern', amongFew[0], await measureInvalidation(byPattern)),
      this.finding('tag', amongFew[1], await measureInvalidation(byTag)),
      {
        what: '  beside it: SCAN MATCH + UNLINK',
        measured: `${milliseconds(scan.ms)}; in Redis ${milliseconds(scan.serverMs)}, ${count(scan.commands)} commands`,
      },
    ];
  }

  private finding(how: string, amongFew: Cost, amongMany: Cost): Finding {
    const inRedis = ({ serverMs, commands }: Cost): string =>
      `in Redis ${milliseconds(serverMs)}, ${commands === 1 ? '1 script' : `${commands} scripts`}`;
    const isConstant = amongMany.commands === amongFew.commands;
    return {
      what: `invalidating 5 keys among them by ${how}`,
      measured:
        `${milliseconds(amongMany.ms)}; ${inRedis(amongMany)}\n` +
        `among ${count(FEW_OTHERS)} keys: ${inRedis(amongFew)}`,
      promise: {
        text: `≤ ${MOST_SERVER_MS} ms in Redis,\nas many scripts as among few`,
        kept: amongFew.exact && amongMany.exact && isConstant && amongMany.serverMs <= MOST_SERVER_MS,
      },
    };
  }

  private invalidation(target: string | InvalidationTarget): Work {
    return async () => (await this.cache.invalidate(target)).removed;
  }

  /** Medians of several times; the few keys are stored anew each time. */
  private async costOf(work: Work, times: number, commands: readonly string[]): Promise<Cost> {
    const all: Cost[] = [];
    for (let time = 0; time <= times; time += 1) {
      await this.cache.setMany(FEW, { tags: ['few'], ttl: '1h' });
      let removed = 0;
      let ms = 0;
      const cost = await serverCostOf(this.redis, async () => {
        ms = await millisecondsOf(async () => (removed = await work()));
      });
      const total = (figure: keyof ServerCost) => sum(commands.map((command) => cost[figure](command)));
      all.push({ ms, serverMs: total('ms'), commands: total('calls'), exact: removed === FEW.length });
    }
    const [, ...warm] = all;
    return {
      ms: median(warm.map((each) => each.ms)),
      serverMs: median(warm.map((each) => each.serverMs)),
      commands: Math.max(...warm.map((each) => each.commands)),
      exact: all.every((each) => each.exact),
    };
  }

  /** What people write by hand. */
  private async scanAndUnlink(): Promise<number> {
    let removed = 0;
    let cursor = '0';
    do {
      const match = `${this.keyPrefix}:cache:default:few:*`;
      const [next, keys] = await this.redis.scan(cursor, 'MATCH', match, 'COUNT', 1_000);
      cursor = next;
      if (keys.length > 0) removed += await this.redis.unlink(...keys);
    } while (cursor !== '0');
    return removed;
  }
}
