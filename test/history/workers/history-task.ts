import type { CacheService } from 'nestjs-redis-cache';
import { type CachedRows, EVICTIONS, LibraryRows, UnfencedRows } from './cached-rows.js';
import { nowUs } from './interval.js';
import { Random } from './random.js';
import { type Row, SharedDatabase } from './shared-database.js';
import type { WorkerSetup } from './tasks.js';

export interface HistoryTask {
  readonly cache: 'library' | 'unfenced';
  readonly databaseUrl: string;
  readonly seed: number;
  /** How many reads this worker makes. It writes once in a dozen reads. */
  readonly reads: number;
  /** Ends it sooner. */
  readonly mostMs?: number;
  readonly rows: number;
  /** A namespace with copies that only this worker uses: its changes tell how far the stream of messages has been heard. */
  readonly fences?: string;
}

export interface ReadRecord {
  readonly id: string;
  readonly startedAtUs: number;
  readonly version: number;
}

export interface EvictionRecord {
  readonly id: string;
  /** What the row was written as before it was evicted. */
  readonly version: number;
  readonly acknowledgedAtUs: number;
  /** Whether it covers the key itself, whatever tags the cached value carries. */
  readonly covers: 'key' | 'tags';
}

/** A change of this process, and when Redis had told it of it, with everything before. */
export interface FenceRecord {
  readonly sentAtUs: number;
  readonly heardAtUs: number;
}

/** What one process has seen, in the order of one clock for all processes of a machine. */
export interface HistoryRecord {
  readonly reads: readonly ReadRecord[];
  readonly evictions: readonly EvictionRecord[];
  readonly fences: readonly FenceRecord[];
  /** Reads that were answered from the memory of the process. */
  readonly copied: number;
  readonly loads: number;
  readonly puts: number;
  readonly failedEvictions: number;
}

const ACTORS = 12;
const READS_PER_WRITE = 12;
const WRITES_PER_PUT = 4;
const SLOWEST_LOAD_MS = 20;
const SLOWEST_EVICTION_MS = 10;
const TAGS = Array.from({ length: 24 }, (_, at) => `colour:${at}`);
const HOT_ROWS = 4;

/** Reads and writes rows at random: several actors in one process. */
export class HistoryWorkload {
  private readonly random: Random;
  private readonly database: SharedDatabase;
  private readonly rows: CachedRows;
  private readonly reads: ReadRecord[] = [];
  private readonly evictions: EvictionRecord[] = [];
  private readonly fences: FenceRecord[] = [];
  private loads = 0;
  private puts = 0;
  private failedEvictions = 0;
  private readsToStart: number;

  constructor(
    private readonly cache: CacheService,
    { keyPrefix }: WorkerSetup,
    private readonly task: HistoryTask,
  ) {
    this.random = new Random(task.seed);
    this.readsToStart = task.reads;
    this.database = new SharedDatabase(task.databaseUrl, `${keyPrefix}:rows`);
    this.rows =
      task.cache === 'library' ? new LibraryRows(cache) : new UnfencedRows(task.databaseUrl, `${keyPrefix}:unfenced`);
  }

  async run(): Promise<HistoryRecord> {
    const { mostMs } = this.task;
    const end = mostMs === undefined ? undefined : setTimeout(() => (this.readsToStart = 0), mostMs);
    await Promise.all([this.fence(), ...Array.from({ length: ACTORS }, () => this.act())]);
    clearTimeout(end);
    this.rows.close();
    this.database.close();
    const { reads, evictions, fences, loads, puts, failedEvictions } = this;
    const copied = this.cache.l1?.hits ?? 0;
    return { reads, evictions, fences, copied, loads, puts, failedEvictions };
  }

  private async act(): Promise<void> {
    while (this.readsToStart > 0) {
      this.readsToStart -= 1;
      if (this.random.below(READS_PER_WRITE) === 0) await this.write(this.anyId());
      await this.read(this.anyId());
      await this.random.delay(4);
    }
  }

  /** Again and again, for as long as there are reads to make. */
  private async fence(): Promise<void> {
    if (this.task.fences === undefined) return;
    const fences = this.cache.namespace(this.task.fences);
    while (this.readsToStart > 0) {
      const heard = fences.l1!.invalidations;
      const sentAtUs = nowUs();
      await fences.set('fence', sentAtUs);
      while (fences.l1!.invalidations === heard && this.readsToStart > 0) await this.random.delay(3);
      if (fences.l1!.invalidations > heard) this.fences.push({ sentAtUs, heardAtUs: nowUs() });
    }
  }

  private async read(id: string): Promise<void> {
    const startedAtUs = nowUs();
    const { version } = await this.rows.read(id, () => this.load(id), this.anyTtlMs());
    this.reads.push({ id, startedAtUs, version });
  }

  private async write(id: string): Promise<void> {
    const tag = this.random.oneOf(TAGS);
    if (this.random.below(WRITES_PER_PUT) === 0) return this.put(id, tag);
    const { version, tagBefore } = await this.database.write(id, tag);
    const kind = this.random.oneOf(EVICTIONS);
    await this.untilAcknowledged(() => this.rows.evict(kind, { id, tags: [tagBefore, tag] }));
    this.acknowledge(id, version, kind === 'tags' ? 'tags' : 'key');
  }

  private async put(id: string, tag: string): Promise<void> {
    let written: number | undefined;
    const write = async (): Promise<Row> => {
      const { version } = await this.database.write(id, tag);
      written = version;
      await this.random.delay(SLOWEST_LOAD_MS / 2);
      return { id, version, tag };
    };
    try {
      await this.rows.put(id, write, { tag, ttlMs: this.anyTtlMs() });
    } catch {
      this.failedEvictions += 1;
      await this.untilAcknowledged(() => this.rows.evict('key', { id, tags: [] }));
    }
    this.puts += 1;
    if (written !== undefined) this.acknowledge(id, written, 'key');
  }

  private acknowledge(id: string, version: number, covers: EvictionRecord['covers']): void {
    this.evictions.push({ id, version, acknowledgedAtUs: nowUs(), covers });
  }

  /** An eviction that failed is repeated, as a caller would who knows that it was not delivered. */
  private async untilAcknowledged(evict: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.random.delay(SLOWEST_EVICTION_MS);
      try {
        return await evict();
      } catch {
        this.failedEvictions += 1;
      }
    }
  }

  private async load(id: string): Promise<Row> {
    this.loads += 1;
    await this.random.delay(SLOWEST_LOAD_MS / 2);
    const row = await this.database.read(id);
    await this.random.delay(SLOWEST_LOAD_MS / 2);
    return row;
  }

  private anyTtlMs(): number {
    return this.random.oneOf([15, 200, 60_000]);
  }

  /** Half of what happens concerns a few rows, so that actors meet. */
  private anyId(): string {
    const isHot = this.random.below(2) === 0;
    return String(this.random.below(isHot ? HOT_ROWS : this.task.rows)).padStart(2, '0');
  }
}
