import type { GuardedWrite, HeldMoment } from './workers/lock-ledger.js';

interface HeldInterval {
  readonly token: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** What is wrong with the history of one resource: two who held it at one moment, a token that is not higher, a stale write. */
export function violationsIn(moments: readonly HeldMoment[], writes: readonly GuardedWrite[]): string[] {
  const intervals = intervalsOf(moments);
  return [...intervals.flatMap((interval, at) => compare(intervals[at - 1], interval)), ...staleWrites(writes)];
}

/** From the first to the last moment at which a holder was sure. */
export function intervalsOf(moments: readonly HeldMoment[]): HeldInterval[] {
  const byToken = new Map<number, HeldInterval>();
  for (const { token, atUs } of moments) {
    const { fromUs, toUs } = byToken.get(token) ?? { fromUs: atUs, toUs: atUs };
    byToken.set(token, { token, fromUs: Math.min(fromUs, atUs), toUs: Math.max(toUs, atUs) });
  }
  return [...byToken.values()].sort((one, other) => one.fromUs - other.fromUs);
}

function compare(before: HeldInterval | undefined, after: HeldInterval): string[] {
  if (before === undefined) return [];
  const overlapUs = before.toUs - after.fromUs;
  return [
    ...(overlapUs >= 0 ? [`${before.token} and ${after.token} held it together for ${overlapUs} µs`] : []),
    ...(after.token <= before.token ? [`token ${after.token} came after ${before.token}`] : []),
  ];
}

function staleWrites(writes: readonly GuardedWrite[]): string[] {
  let last = 0;
  return writes.flatMap(({ outcome, token }) => {
    const expected = token < last ? 'refused' : 'written';
    if (outcome === 'written') last = token;
    return outcome === expected ? [] : [`the write of ${token} after ${last} was ${outcome}`];
  });
}
