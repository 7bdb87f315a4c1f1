import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

/** How often each command has run, those inside scripts included, and how long the server was busy with scripts. */
export interface Spent {
  readonly calls: Readonly<Record<string, number>>;
  readonly scriptsUs: number;
}

/** A cache on a server of its own, which may be flushed and reconfigured, and whose statistics may be read. */
export class CacheOnOwnServer {
  readonly keyPrefix = uniquePrefix();
  readonly index = `${this.keyPrefix}:cache-index:default:`;
  private app: INestApplicationContext | undefined;

  private constructor(
    private readonly server: Awaited<ReturnType<typeof launchServer>>,
    readonly redis: Redis,
  ) {}

  static async start(): Promise<CacheOnOwnServer> {
    const server = await launchServer({ quiet: true });
    const started = new CacheOnOwnServer(server, new Redis(server.url));
    await started.boot();
    return started;
  }

  get cache(): CacheService {
    return this.app!.get(CacheService);
  }

  /** Another process in place of the one there was; its index is complete when this resolves. */
  async reboot(): Promise<void> {
    await this.app?.close();
    await this.boot();
  }

  /** The whole keys of entries that Redis itself finds, whatever the index says. */
  async found(pattern: string): Promise<string[]> {
    const all: string[] = [];
    const match = this.entryOf(pattern);
    for await (const some of this.redis.scanStream({ match, count: 1_000 })) all.push(...(some as string[]));
    return all;
  }

  entryOf(key: string): string {
    return `${this.keyPrefix}:cache:default:${key}`;
  }

  /** What the server has done meanwhile. */
  async spentBy(work: () => Promise<unknown>): Promise<Spent> {
    const before = await this.statistics();
    await work();
    const after = await this.statistics();
    const since = (command: string) => {
      const [then, now] = [before.get(command), after.get(command)!];
      return { calls: now.calls - (then?.calls ?? 0), us: now.us - (then?.us ?? 0) };
    };
    const calls = [...after.keys()].map((command) => [command, since(command).calls] as const);
    return {
      calls: Object.fromEntries(calls.filter(([command, count]) => count > 0 && command !== 'info')),
      scriptsUs: after.has('evalsha') ? since('evalsha').us : 0,
    };
  }

  async stop(): Promise<void> {
    await this.app?.close();
    this.redis.disconnect();
    await this.server.stop();
  }

  private async boot(): Promise<void> {
    // Many commands at once on a busy machine: a deadline that passes would be a command more.
    const connection = { url: this.server.url, commandTimeout: '20s' } as const;
    this.app = await startApp({ connection, keyPrefix: this.keyPrefix });
    await eventually(async () => {
      expect(await this.redis.zscore(this.index, '\0s')).toBe('0');
      expect(await this.redis.exists(`${this.index}builder`)).toBe(0);
    });
  }

  private async statistics(): Promise<Map<string, { calls: number; us: number }>> {
    const text = await this.redis.info('commandstats');
    const lines = [...text.matchAll(/cmdstat_(\S+):calls=(\d+),usec=(\d+)/g)];
    return new Map(lines.map(([, command, calls, us]) => [command!, { calls: Number(calls), us: Number(us) }]));
  }
}

export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${name}:${at}`);
}

/** Does the same for many, 500 at a time. */
export async function forMany<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += 500) await Promise.all(items.slice(at, at + 500).map(work));
}
