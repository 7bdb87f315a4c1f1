import type { EvictionRecord, HistoryRecord, ReadRecord } from './workers/history-task.js';

export interface StaleRead extends ReadRecord {
  /** The lowest version it may have returned. */
  readonly floor: number;
}

/**
 * The reads that returned less than the last version whose eviction was acknowledged before they began. What several
 * processes have seen is put in one order by the clock they share.
 */
export function staleReadsOf(histories: readonly HistoryRecord[]): StaleRead[] {
  const evictions = groupById(histories.flatMap((history) => history.evictions));
  const reads = groupById(histories.flatMap((history) => history.reads));
  return [...reads].flatMap(([id, some]) => staleReadsOfRow(some, evictions.get(id) ?? []));
}

/**
 * The same for processes with copies in memory: each knows of its own evictions, and of those of others as soon as it has
 * heard of something later over the same stream, and when the bound has passed in any case.
 */
export function staleReadsOfCopies(histories: readonly HistoryRecord[], boundMs: number): StaleRead[] {
  return histories.flatMap((history) => {
    const others = histories.filter((other) => other !== history);
    const evictions = others.flatMap((other) => other.evictions.map((each) => asHeardBy(history, each, boundMs)));
    const { reads, ...rest } = history;
    return staleReadsOf([{ ...rest, reads, evictions: [...history.evictions, ...evictions] }]);
  });
}

function asHeardBy({ fences }: HistoryRecord, eviction: EvictionRecord, boundMs: number): EvictionRecord {
  const { acknowledgedAtUs } = eviction;
  const later = fences.find(({ sentAtUs }) => sentAtUs > acknowledgedAtUs);
  return { ...eviction, acknowledgedAtUs: Math.min(later?.heardAtUs ?? Infinity, acknowledgedAtUs + boundMs * 1_000) };
}

function staleReadsOfRow(reads: ReadRecord[], evictions: EvictionRecord[]): StaleRead[] {
  reads.sort((one, other) => one.startedAtUs - other.startedAtUs);
  evictions.sort((one, other) => one.acknowledgedAtUs - other.acknowledgedAtUs);
  const floor = new VersionFloor();
  let next = 0;
  return reads.flatMap((read) => {
    for (; evictions[next] !== undefined && evictions[next]!.acknowledgedAtUs < read.startedAtUs; next += 1) {
      floor.raise(evictions[next]!);
    }
    return read.version < floor.value ? [{ ...read, floor: floor.value }] : [];
  });
}

/**
 * An eviction by tag covers the values with the tags that its writer knew: those of the version before and of its own.
 * Older values are covered once the evictions of the versions in between are acknowledged too.
 */
class VersionFloor {
  private covered = 0;
  private readonly ahead = new Set<number>();

  get value(): number {
    return this.covered;
  }

  raise({ version, covers }: EvictionRecord): void {
    if (covers === 'key') this.covered = Math.max(this.covered, version);
    else this.ahead.add(version);
    while (this.ahead.delete(this.covered + 1)) this.covered += 1;
  }
}

function groupById<T extends { readonly id: string }>(records: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const record of records) {
    const group = groups.get(record.id) ?? [];
    groups.set(record.id, group);
    group.push(record);
  }
  return groups;
}
