import { setTimeout as pause } from 'node:timers/promises';
import type { CacheService, RedisCacheEvents } from 'nestjs-redis-cache';
import { type Interval, intervalOf } from './interval.js';
import type { Notice } from './tasks.js';

/** Many callers who ask for one key at the same time. */
export interface CallersTask {
  readonly key: string;
  readonly callers: number;
  readonly tags: readonly string[];
  /** Whether the tags are known before the load, or depend on the value. @default 'before' */
  readonly tagsKnown?: 'before' | 'after';
  /** How long a load takes; `'until released'` = until the worker is told so. */
  readonly loadMs: number | 'until released';
}

export interface CallersOutcome {
  readonly values: readonly string[];
  /** From the call of each caller to its answer. */
  readonly waits: readonly Interval[];
  /** What was loaded in this process. */
  readonly loads: readonly Interval[];
}

export class Callers {
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly cache: CacheService,
    private readonly events: RedisCacheEvents,
    private readonly tell: (notice: Notice) => void,
  ) {}

  async run({ key, callers, tags, tagsKnown = 'before', loadMs }: CallersTask): Promise<CallersOutcome> {
    const loads: Interval[] = [];
    let missed = 0;
    const stopCounting = this.events.on('cache:miss', (miss) => {
      if (miss.key === key && ++missed === callers) this.tell({ notice: 'all-missed' });
    });
    const load = async (): Promise<string> => {
      this.tell({ notice: 'load-begun' });
      const work = (): Promise<void> => (loadMs === 'until released' ? this.untilReleased() : pause(loadMs));
      loads.push((await intervalOf(work)).interval);
      return `loaded by ${process.pid}`;
    };
    const options = tagsKnown === 'before' ? { tags } : { tagsFrom: () => tags };
    const call = () => intervalOf(() => this.cache.getOrSet(key, load, options));
    const calls = await Promise.all(Array.from({ length: callers }, call));
    stopCounting();
    return { values: calls.map(({ result }) => result), waits: calls.map(({ interval }) => interval), loads };
  }

  release(): void {
    for (const end of this.waiting.splice(0)) end();
  }

  private untilReleased(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
